// The card: paints the session, and turns keys and clicks into decisions.

const SPOKEN_AFTER_MS = 400;
/** For how long a card that has just come takes no click: it was aimed at the card before. */
const SETTLE_MS = 250;
const KINDS = { choice: LabelsCard, choices: LabelsCard, spans: SpansCard, relations: RelationsCard };

class CorrectorView {
  constructor(model) {
    const config = model.get("config");
    this.keys = new Keys(config.keys);
    this.commands = Object.keys(COMMANDS).filter((command) => isOffered(command, config));
    this.painted = null;
    this.session = new Session(model, () => this.paint(), (found) => this.search.receive(found));
    this.build(config);
    this.warnUnsaved = (event) => this.session.unsaved && event.preventDefault();
    window.addEventListener("beforeunload", this.warnUnsaved);
    this.session.open();
    this.paint();
  }

  close() {
    this.session.close();
    this.hands.close();
    clearTimeout(this.speaking);
    clearTimeout(this.settled);
    window.removeEventListener("beforeunload", this.warnUnsaved);
  }

  build(config) {
    this.head = makeHead(config);
    this.alert = makeAlert(() => this.session.retry());
    this.visit = makeVisit((decided) => this.describe(decided), () => this.leave());
    this.actions = makeActions(this.commands, this.keys, (command) => this.obey(command));
    this.place = h("div", { class: "lk-placeholder" });
    this.spoken = h("p", { class: "lk-spoken", role: "status" });
    this.buildCard(config);
    this.buildPanels(config);
    this.element = h(
      "section",
      { class: "lk lk-corrector", role: "application", tabindex: 0, "aria-label": `Correct the labels of ${config.title}` },
      this.head.element,
      this.alert.element,
      this.visit.element,
      this.card,
      this.place,
      this.actions.element,
      this.panels.element,
      this.spoken,
      h("p", { class: "lk-hint", "aria-hidden": "true" }, "Click the card to use its keys"),
    );
    this.hands = new Hands(this);
  }

  buildCard(config) {
    const Kind = KINDS[config.task.kind];
    this.labels = Kind.makeLabels(config.task, this.keys, (label) => this.pick(label));
    this.kind = new Kind(config.task, this.labels, { autoAccept: config.auto_accept });
    this.kind.onchange = (words) => this.onChange(words);
    const say = (value, card) => this.kind.say(value, card);
    this.suggestions = makeSuggestions(this.keys, say, (value) => this.take(value));
    this.note = makeNote((note) => this.mark({ note }));
    this.why = h("p", { class: "lk-why", dir: "auto" });
    this.key = h("span", { class: "lk-key lk-muted" });
    this.flagged = h("span", { class: "lk-flagged" }, "flagged");
    const top = h("div", { class: "lk-top" }, this.why, this.flagged, this.key);
    this.meta = h("p", { class: "lk-meta", dir: "auto" });
    const parts = [this.kind.element, this.meta, this.note.element, this.suggestions.element, this.labels.element];
    this.card = h("div", { class: "lk-card" }, top, ...parts);
  }

  buildPanels(config) {
    this.search = makeSearch(this.session, config, ({ example }) => this.goTo(() => this.session.go(example)));
    const visit = ({ place }) => this.goTo(() => this.session.visit(place));
    const panels = {
      help: makeHelp(this.kind.constructor.keyHelp, this.commands, this.keys, () => this.rebound()),
      guideline: makeGuideline(config),
      people: makePeople(config),
      history: makeHistory(this.session, (decided) => this.describe(decided), visit),
      search: this.search,
    };
    this.panels = new Panels(panels, (open) => this.actions.paintOpen(open));
  }

  // Painting

  paint() {
    const { session } = this;
    const { card, place } = session;
    const focused = this.focused();
    const shown = card ? `${place}/${card.example}` : null;
    if (shown !== this.painted) this.show(card, shown);
    this.head.paint(session);
    this.alert.paint(session);
    this.visit.paint(session);
    this.card.hidden = !card;
    this.place.hidden = Boolean(card);
    this.flagged.hidden = !card?.flagged;
    if (!card) this.place.replaceChildren(...describeNoCard(session));
    this.paintActions();
    this.panels.paint();
    if (focused) this.refocus();
  }

  paintActions() {
    const { card, place } = this.session;
    this.actions.paint({ card, canUndo: place > 0, words: this.kind.acceptWords });
  }

  /** Whether the keys reach the card: something in it that can be seen and used has the focus. */
  focused() {
    const { activeElement: active } = this.element.getRootNode();
    return Boolean(active) && this.element.contains(active) && !active.disabled && active.checkVisibility();
  }

  /** Keep the keys with the card when what had the focus is gone. */
  refocus() {
    if (!this.focused()) this.element.focus({ preventScroll: true });
  }

  /** Put another text on the card. */
  show(card, shown) {
    this.painted = shown;
    this.shownAt = performance.now();
    this.settle();
    if (!card) return;
    setText(this.why, card.why);
    setText(this.key, card.key);
    setText(this.meta, describeMeta(card.meta));
    this.meta.title = this.meta.textContent;
    this.meta.hidden = !this.meta.textContent;
    this.suggestions.paint(card);
    this.note.paint(card);
    this.kind.show(card, this.session.given.get(card.example) ?? card.decided?.value ?? card.selected);
    this.speak(card.text);
  }

  /** Whether a click comes too soon after the card. */
  get settling() {
    return this.element.classList.contains("lk-settling");
  }

  /** Take no clicks for a while, and show that the pointer waits. */
  settle() {
    this.element.classList.add("lk-settling");
    clearTimeout(this.settled);
    this.settled = setTimeout(() => this.element.classList.remove("lk-settling"), SETTLE_MS);
  }

  /** Have a screen reader say it, once the person stays here. */
  speak(words) {
    clearTimeout(this.speaking);
    this.speaking = setTimeout(() => setText(this.spoken, words), SPOKEN_AFTER_MS);
  }

  /** What was decided, in a few words. */
  describe({ answer, value }) {
    if (answer === "accept") return this.kind.describe(value);
    return answer === "reject" ? "rejected" : "ignored";
  }

  /** The card's value has changed; `words` say to what. */
  onChange(words) {
    this.paintActions();
    if (words) this.speak(words);
  }

  rebound() {
    this.session.keepKeys(this.keys.changed);
    this.actions.paintKeys();
    this.labels.paintKeys();
    if (this.session.card) this.suggestions.paint(this.session.card);
  }

  // Acting

  decide(answer) {
    const value = answer === "accept" ? this.kind.value : null;
    if (this.isHere()) this.session.decide(answer, value, (performance.now() - this.shownAt) / 1000);
  }

  pick(label) {
    if (label !== undefined && this.isHere() && this.kind.pick(label)) this.decide("accept");
  }

  /** Choose what an annotator says. */
  take(value) {
    if (this.kind.take(value)) this.decide("accept");
  }

  mark(change) {
    const { card } = this.session;
    if (card) this.session.mark(change.note ?? card.note ?? "", change.flagged ?? Boolean(card.flagged));
  }

  /** Whether there is a text to act on. A key that came before its text acts on none: nobody has read it. */
  isHere() {
    const { card, finished } = this.session;
    if (!card && !finished) this.session.say("The next text is not here yet, so that key did nothing. Press it again.");
    return Boolean(card);
  }

  obey(command) {
    const { session } = this;
    if (command in COMMANDS && !this.commands.includes(command)) return;
    if (command in this.panels.panels) this.panels.toggle(command);
    else if (command === "undo") this.undo();
    else if (command === "remove") this.kind.remove() || this.undo();
    else if (command === "leave") this.leave();
    else if (command === "save") session.unsaved && session.retry();
    else if (command === "label") this.labels.find();
    else if (command === "turn") session.card && this.kind.turn();
    else if (TAKES.includes(command)) this.suggestions.take(TAKES.indexOf(command));
    else if (command === "note") session.card && this.note.open();
    else if (command === "flag") this.mark({ flagged: !session.card?.flagged });
    else this.decide(command);
  }

  undo() {
    this.session.keepDraft(this.kind.value);
    this.session.undo();
  }

  /** Leave the current text for another one. */
  goTo(go) {
    this.session.keepDraft(this.kind.value);
    this.panels.close();
    go();
    this.refocus();
  }

  /** Close a panel, let go of a span, go back to where one was, or hand the focus to what the card stands in. */
  leave() {
    if (this.panels.close() || this.kind.leave()) return this.refocus();
    if (this.session.visiting !== null) return this.session.goBack();
    this.element.getRootNode().activeElement?.blur();
    this.element.parentElement.closest("[tabindex]")?.focus({ preventScroll: true });
  }
}

/** Whether there is anything here that a command could act on. */
function isOffered(command, { task, annotators = [], features = {}, people = [] }) {
  if (command === "label") return [task.labels, task.span_labels ?? []].some(({ length }) => length > LABEL_KEYS.length);
  if (command === "turn") return task.kind === "relations";
  if (command === "people") return people.length > 0;
  if (command === "search") return Boolean(features.find);
  if (command === "note" || command === "flag") return Boolean(features.note);
  return !annotators.length || TAKES.indexOf(command) < annotators.length;
}

function render({ model, el }) {
  const view = new CorrectorView(model);
  el.append(view.element);
  return () => view.close();
}

export default { render };
