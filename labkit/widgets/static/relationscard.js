// A card on which ranges of the text are marked, and related: two spans, one key. See labelscard.js for its members.
//
// The span that is pressed first is the head. The next one that is pressed, or reached by Tab, is the tail; then the
// digits are the labels of relations.

class RelationsCard extends SpansCard {
  static makeLabels = makeRelationLabels;
  static keyHelp = [
    ["click, click, 1 – 9", "relate two spans: the head, the tail, and the label"],
    ["Tab, Enter, Tab, 1 – 9", "the same by the keyboard: Enter makes the span that has the focus the head"],
    ["click on a relation", "make it the active one: digits change its label, Del removes it"],
    ...SpansCard.keyHelp,
  ];

  constructor(task, labels) {
    super({ ...task, labels: task.span_labels }, labels.marks);
    this.relationLabels = task.labels;
    this.bars = labels;
    this.from = null;
    const act = { reach: (relation) => this.reach(relation), take: (relation) => this.adopt(relation) };
    this.list = makeRelationList((span) => this.wordsOf(span), (how, relation) => act[how](relation));
    this.arcs = new RelationArcs(this.view, (span) => this.painter.pieceOf(span));
    this.element = h("div", { class: "lk-relations" }, this.view.element, this.list.element);
  }

  makeSpans() {
    return new Relations(this.task.overlap);
  }

  get acceptWords() {
    return this.spans.relations.length ? "Accept" : "No relations";
  }

  /** The two spans that the next digit relates, or null. */
  get pair() {
    const { active } = this.spans;
    return this.from && active && !sameSpan(this.from, active) ? { head: this.from, tail: active } : null;
  }

  show(card, value) {
    this.from = null;
    this.contestedRelations = card.contested.filter(isRelation);
    super.show({ ...card, contested: card.contested.filter((item) => !isRelation(item)) }, value);
  }

  paint() {
    if (this.from && !this.spans.has(this.from)) this.from = null;
    const { relations } = this.spans;
    const by = (relation) => this.contestedRelations.find((other) => sameRelation(other, relation))?.annotators ?? null;
    const offered = this.contestedRelations.filter((relation) => !this.spans.hasRelation(relation));
    const marks = [...relations, ...offered].map((relation, place) => {
      return { relation, by: by(relation), offered: place >= relations.length };
    });
    const inList = this.list.holdsFocus();
    this.list.paint(marks);
    this.arcs.forget();
    super.paint();
    this.arcs.paint(marks);
    if (inList && !this.list.focus(this.spans.related)) this.view.element.focus({ preventScroll: true });
  }

  paintActive() {
    super.paintActive();
    const { pair, spans } = this;
    this.painter.paintPair(this.from, pair?.tail);
    this.bars.paintLive(Boolean(pair || spans.related));
    this.bars.links.paintPressed(spans.related ? [spans.related.label] : []);
    this.list.paintActive(spans.related, this.hint);
    this.arcs.paintActive(spans.related);
  }

  /** What the next key does, in a sentence. */
  get hint() {
    const { pair } = this;
    const quote = (span) => `“${this.wordsOf(span)}”`;
    if (pair) return `From ${quote(pair.head)} to ${quote(pair.tail)}: press the number of the relation.`;
    if (this.from) return `From ${quote(this.from)}: now the span that it goes to, or a number for its own label.`;
    const { related } = this.spans;
    if (related) return `${this.sayRelation(related)}: a number changes it, ${this.bars.turnKey()} turns it round, Del removes it.`;
    return "To relate two spans, click the first, then the second.";
  }

  sayRelation({ head, tail, label }) {
    return `${this.wordsOf(head)} ${label} ${this.wordsOf(tail)}`;
  }

  get spoken() {
    return this.spans.related ? this.sayRelation(this.spans.related) : super.spoken;
  }

  /** A span is reached by Tab, or let go of. */
  activate(span) {
    this.spans.related = null;
    if (!span) this.from = null;
    super.activate(span);
  }

  /** A span is pressed: it is the head, or the tail where there is a head. */
  press(span, offered) {
    if (offered) return super.press(span, offered);
    if (!this.from || sameSpan(this.from, span)) this.from = span;
    this.activate(span);
  }

  mark(range) {
    this.from = null;
    super.mark(range);
  }

  pick(label) {
    if (this.relationLabels.includes(label)) return this.relate(label);
    const alone = this.from && !this.pair;
    super.pick(label);
    if (alone) this.from = this.spans.active;
    this.paintActive();
    return false;
  }

  relate(label) {
    const { pair, spans } = this;
    if (spans.related) spans.relabelRelation(label);
    else if (pair) spans.relate(pair.head, pair.tail, label);
    else return false;
    return this.changed();
  }

  /** Paint a change of relations. It does not decide. */
  changed() {
    this.from = null;
    this.paint();
    return false;
  }

  /** Make a relation the active one. */
  reach(relation) {
    this.from = this.spans.active = null;
    this.spans.related = relation;
    this.paintActive();
  }

  /** Take over a relation that only an annotator gives. */
  adopt(relation) {
    this.spans.adopt(relation);
    this.changed();
  }

  turn() {
    if (!this.spans.related) return;
    this.spans.turn();
    this.changed();
  }

  remove() {
    if (!this.spans.related) return super.remove();
    this.spans.removeRelation();
    this.changed();
    return true;
  }

  leave() {
    const held = Boolean(this.from || this.spans.related);
    return super.leave() || held;
  }

  get nothing() {
    return "no relations";
  }

  say(value, { contested }) {
    const relations = value.filter(isRelation);
    const differs = (label) => {
      const mine = relations.filter((relation) => relation.label === label);
      return mine.some((relation) => contested.some((other) => isRelation(other) && sameRelation(other, relation)));
    };
    return sayLabels(this.count(value).map((each) => ({ ...each, differs: differs(each.label) })));
  }

  /** How often each label of a relation stands in a value. */
  count(value) {
    return countLabels(this.relationLabels, value.filter(isRelation));
  }
}
