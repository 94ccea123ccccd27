// What stands marked in a text and how it is related, and how a person's acts change that; no elements here.
//
// A relation is {head, tail, label}, its ends spans by value. None stands without both of them.

const sameEnds = (a, b) => sameSpan(a.head, b.head) && sameSpan(a.tail, b.tail);
const sameRelation = (a, b) => sameEnds(a, b) && a.label === b.label;
const isRelation = (item) => "head" in item;
const relationOrder = (a, b) => inOrder(a.head, b.head) || inOrder(a.tail, b.tail) || (a.label < b.label ? -1 : 1);

class Relations extends Spans {
  fill(value) {
    super.fill(value.filter((item) => !isRelation(item)));
    this.setRelations(value.filter(isRelation), null);
  }

  get value() {
    const copy = ({ head, tail, label }) => ({ head: { ...head }, tail: { ...tail }, label });
    return [...super.value, ...this.relations.map(copy)];
  }

  get kept() {
    return { ...super.kept, relations: this.relations };
  }

  restore({ all, relations }) {
    super.restore({ all });
    this.setRelations(relations, null);
  }

  set(all, active) {
    super.set(all, active);
    this.setRelations(this.relations ?? [], null);
  }

  /** Keep the relations whose spans are there, each once, in order. */
  setRelations(relations, active) {
    const there = relations.filter(({ head, tail }) => this.has(head) && this.has(tail));
    const once = there.filter((one, place) => there.findIndex((other) => sameRelation(one, other)) === place);
    this.relations = once.sort(relationOrder);
    this.related = active;
  }

  /** Change the active span; its relations go with it. */
  replace(span) {
    const moved = (end) => (sameSpan(end, was) ? span : end);
    const { active: was, relations } = this;
    super.replace(span);
    this.setRelations(relations.map(({ head, tail, label }) => ({ head: moved(head), tail: moved(tail), label })), null);
  }

  /** Relate two spans, and make that the active relation. */
  relate(head, tail, label) {
    const relation = { head, tail, label };
    const others = this.relations.filter((other) => !sameRelation(other, relation));
    this.changeRelations([...others, relation], relation);
  }

  /** Take over a relation that an annotator gives, with its spans. */
  adopt({ head, tail, label }) {
    this.remember();
    const missing = [head, tail].filter((end) => !this.has(end));
    this.set(missing.reduce((all, span) => this.put(all, { ...span }), this.all), null);
    const relation = { head, tail, label };
    this.setRelations([...this.relations, relation], relation);
  }

  relabelRelation(label) {
    this.exchange({ ...this.related, label });
  }

  turn() {
    const { head, tail, label } = this.related;
    this.exchange({ head: tail, tail: head, label });
  }

  exchange(relation) {
    this.changeRelations([...this.others(), relation], relation);
  }

  removeRelation() {
    this.changeRelations(this.others(), null);
  }

  others() {
    return this.relations.filter((other) => !sameRelation(other, this.related));
  }

  changeRelations(relations, active) {
    this.remember();
    this.active = null;
    this.setRelations(relations, active);
  }

  hasRelation(relation) {
    return this.relations.some((other) => sameRelation(other, relation));
  }
}
