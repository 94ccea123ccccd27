// A card that is about the text as a whole: it takes one label, or any number.
//
// Every kind of card has the same members: `makeLabels` makes the buttons of its labels, `element` is its text, `view`
// what draws that, `value` what is chosen, and `keyHelp` says what its own keys do. What the person does comes in through show, pick, take, remove, leave, key and hears;
// `say` writes an annotator's value on a chip, `describe` any value in words, and `onchange` hears of every change.

class LabelsCard {
  static makeLabels = makeLabels;
  static keyHelp = [
    ["1 – 9, 0", "choose or drop a label"],
    ["↑ ↓", "scroll the text"],
  ];

  constructor(task, labels, { autoAccept }) {
    this.task = task;
    this.labels = labels;
    this.autoAccept = autoAccept;
    this.several = task.kind === "choices";
    this.view = new TextView();
    this.element = this.view.element;
    this.value = [];
  }

  get acceptWords() {
    return this.value.length ? "Accept" : "None applies";
  }

  show(card, value) {
    this.view.show(card.text);
    this.labels.paintBy(whoAlone(card));
    this.choose(value);
  }

  choose(labels) {
    this.value = this.task.labels.filter((label) => labels.includes(label));
    this.labels.paintPressed(this.value);
    this.onchange();
  }

  /** Choose or drop a label; where a text takes one, drop the others. True where that decides. */
  pick(label) {
    const others = this.several ? this.value : [];
    const dropped = !this.autoAccept && this.value.includes(label);
    this.choose(dropped ? others.filter((other) => other !== label) : [...others, label]);
    return this.autoAccept;
  }

  /** Choose what an annotator says, as far as the task knows it. */
  take(value) {
    this.choose(this.several || value.length === 1 ? value : []);
    return this.autoAccept && this.value.length > 0;
  }

  /** There is nothing to remove here: the key is an undo. */
  remove() {
    return false;
  }

  key() {
    return false;
  }

  /** There is no chord here that the notebook would have otherwise. */
  hears() {
    return false;
  }

  leave() {
    return false;
  }

  describe(value) {
    return value.join(" + ") || "none applies";
  }

  say(value, { contested }) {
    return sayLabels(value.map((label) => ({ label, differs: contested.includes(label) })));
  }
}

/** The annotators that give a label which others do not, by label. */
function whoAlone({ suggestions, contested }) {
  const who = (label) => suggestions.filter(({ value }) => value?.includes(label)).map(({ annotator }) => annotator);
  return new Map(contested.map((label) => [label, who(label)]));
}

/** Labels as an annotator's words; one that others do not give is marked. */
function sayLabels(parts) {
  if (!parts.length) return [h("span", { class: "lk-said" }, "none")];
  return parts.flatMap(({ label, times = 1, differs }, place) => {
    const name = h("bdi", { class: differs ? "lk-said lk-differs" : "lk-said" }, label);
    const plus = place ? h("span", { class: "lk-plus" }, "+") : null;
    return [plus, times > 1 ? h("span", { class: "lk-plus" }, `${times} ×`) : null, name].filter(Boolean);
  });
}
