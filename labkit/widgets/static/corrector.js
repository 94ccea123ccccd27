// The card: paints the session, and turns keys and clicks into decisions.

const SETTLE_MS = 250;

class CorrectorView {
  constructor(model) {
    const config = model.get("config");
    this.task = config.task;
    this.several = config.task.kind === "choices";
    this.autoAccept = config.auto_accept;
    this.selected = [];
    this.painted = null;
    this.build(config);
    this.session = new Session(model, () => this.paint());
    this.warnUnsaved = (event) => this.session.unsaved && event.preventDefault();
    window.addEventListener("beforeunload", this.warnUnsaved);
    this.session.open();
    this.paint();
  }

  close() {
    this.session.close();
    window.removeEventListener("beforeunload", this.warnUnsaved);
  }

  build(config) {
    this.head = makeHead(config);
    this.alert = makeAlert(() => this.session.retry());
    this.suggestions = makeSuggestions((value) => this.take(value));
    this.labels = makeLabels(this.task, (place) => this.pick(place));
    this.help = makeHelp(this.task);
    this.why = h("p", { class: "lk-why", dir: "auto" });
    this.key = h("span", { class: "lk-key lk-muted" });
    const spoken = { role: "region", "aria-label": "Text", "aria-live": "polite" };
    this.text = h("div", { class: "lk-text", tabindex: 0, dir: "auto", ...spoken });
    const top = h("div", { class: "lk-top" }, this.why, this.key);
    this.card = h("div", { class: "lk-card" }, top, this.text, this.suggestions.element, this.labels.element);
    this.place = h("div", { class: "lk-placeholder" });
    const name = `Correct the labels of ${config.title}`;
    this.element = h(
      "section",
      { class: "lk lk-corrector", role: "application", tabindex: 0, "aria-label": name },
      this.head.element,
      this.alert.element,
      this.card,
      this.place,
      this.buildActions(),
      this.help,
      h("p", { class: "lk-hint", "aria-hidden": "true" }, "Click the card to use its keys"),
    );
    this.listen();
  }

  buildActions() {
    const make = (what, act) => keyButton(BUTTONS[what], act);
    this.accept = make("accept", () => this.decide("accept"));
    const reject = make("reject", () => this.decide("reject"));
    const ignore = make("ignore", () => this.decide("ignore"));
    const undo = make("undo", () => this.session.undo());
    const help = make("help", () => this.toggleHelp());
    this.undo = undo.button;
    this.deciders = [this.accept.button, reject.button, ignore.button];
    const gap = h("span", { class: "lk-gap" });
    return h("footer", { class: "lk-actions" }, ...this.deciders, gap, undo.button, help.button);
  }

  listen() {
    this.element.addEventListener("keydown", (event) => this.onKey(event));
    this.element.addEventListener("pointermove", () => this.element.classList.remove("lk-typing"));
    this.element.addEventListener("mousedown", (event) => this.onPress(event));
    this.element.addEventListener("click", (event) => this.onClick(event), { capture: true });
  }

  // Painting

  paint() {
    const { card, at } = this.session;
    const focused = this.focused();
    this.head.paint(this.session);
    this.alert.paint(this.session);
    const shown = card ? `${at}/${card.example}` : null;
    if (shown !== this.painted) this.show(card, shown);
    this.card.hidden = !card;
    this.place.hidden = Boolean(card);
    if (!card) this.place.replaceChildren(...this.describeNoCard());
    for (const button of this.deciders) button.disabled = !card;
    this.undo.disabled = at === 0;
    if (focused && !this.focused()) this.element.focus({ preventScroll: true });
  }

  /** Whether the keys reach the card: something in it that can be seen and used has the focus. */
  focused() {
    const { activeElement: active } = this.element.getRootNode();
    return Boolean(active) && this.element.contains(active) && !active.disabled && active.checkVisibility();
  }

  /** Put another text on the card. */
  show(card, shown) {
    this.painted = shown;
    this.shownAt = performance.now();
    if (!card) return;
    this.why.textContent = card.why;
    this.key.textContent = card.key;
    this.text.textContent = card.text;
    this.text.scrollTop = 0;
    this.suggestions.paint(card);
    this.labels.paint(card);
    this.select(this.session.given.get(card.place) ?? card.selected);
  }

  select(labels) {
    this.selected = this.task.labels.filter((label) => labels.includes(label));
    this.labels.paintSelected(this.selected);
    this.accept.label.textContent = this.selected.length ? "Accept" : "None applies";
  }

  /** What stands in the place of a card: a heading and a sentence. */
  describeNoCard() {
    const { finished, total, unreadable, silent } = this.session;
    const say = (heading, words) => [h("h3", {}, heading), h("p", {}, words)];
    if (finished && !total) return say("Nothing to correct", "This queue is empty.");
    if (finished) return say("That was the last one", "Every text of this queue has a decision.");
    if (unreadable) return say("The next text can't be read", `${unreadable} It is tried again.`);
    if (silent) return say("Waiting for the kernel", "It is busy, or has stopped: then run this cell again.");
    return [h("p", { class: "lk-muted" }, "Loading …")];
  }

  // Acting

  decide(answer) {
    if (!this.session.card) return;
    const value = answer === "accept" ? this.selected : null;
    this.session.decide(answer, value, (performance.now() - this.shownAt) / 1000);
  }

  /** Choose or drop the label at `place`; where a text takes one label, drop the others. */
  pick(place) {
    const label = this.task.labels[place];
    if (label === undefined || !this.session.card) return;
    if (this.autoAccept) {
      this.select([label]);
      this.decide("accept");
    } else {
      const others = this.several ? this.selected : [];
      this.select(this.selected.includes(label) ? others.filter((other) => other !== label) : [...others, label]);
    }
  }

  /** Choose what an annotator says, as far as the task knows it. */
  take(value) {
    this.select(this.several || value.length === 1 ? value : []);
  }

  toggleHelp() {
    this.help.hidden = !this.help.hidden;
  }

  /** Close the help, or hand the focus to what the card stands in: in JupyterLab, the cell. */
  leave() {
    if (!this.help.hidden) return this.toggleHelp();
    document.activeElement.blur();
    this.element.parentElement.closest("[tabindex]")?.focus({ preventScroll: true });
  }

  // Keys and clicks

  onKey(event) {
    const asked = readKey(event);
    if (asked === null) return;
    this.element.classList.add("lk-typing"); // a pointer that lies on a label explains nothing now
    event.stopPropagation(); // or JupyterLab's command mode takes it: X would cut the cell
    const pressesButton = event.target.closest("button") && (event.key === "Enter" || event.key === " ");
    if (!pressesButton || event.repeat) event.preventDefault();
    if (asked.scroll) this.text.scrollBy({ top: asked.scroll * this.text.clientHeight });
    if (pressesButton || event.repeat) return;
    if (asked.label !== undefined) this.pick(asked.label);
    if (asked.command) this.obey(asked.command);
  }

  obey(command) {
    if (command === "undo") this.session.undo();
    else if (command === "help") this.toggleHelp();
    else if (command === "leave") this.leave();
    else this.decide(command);
  }

  /** A press on a button leaves the focus with the card, so that the keys go on working. */
  onPress(event) {
    this.pressedOn = this.session.at;
    if (!event.target.closest("button")) return;
    event.preventDefault();
    this.element.focus({ preventScroll: true });
  }

  /** Drop a pointer's click that was aimed at the card before: a double click's second, or one just too late. */
  onClick(event) {
    const byPointer = event.detail > 0;
    const late = this.pressedOn !== this.session.at || performance.now() - this.shownAt < SETTLE_MS;
    if (byPointer && late) event.stopPropagation();
  }
}

function render({ model, el }) {
  const view = new CorrectorView(model);
  el.append(view.element);
  return () => view.close();
}

export default { render };
