// A card on which ranges of the text are marked; see labelscard.js for the members that every kind has.

class SpansCard {
  static makeLabels = makeLabels;
  static keyHelp = [
    ["1 – 9, 0", "mark what is selected, or give the active span this label"],
    ["drag, double click", "mark whole words with the chosen label; with Alt, characters"],
    ["← → ↑ ↓ Home End", "go from word to word; with Alt ← →, by characters"],
    ["Shift ← →", "select more or fewer words; of the active span, move its end"],
    ["Ctrl Shift ← →", "of the active span, move its start"],
    ["click, Tab", "make a span the active one; a further click takes the one around it"],
    ["Shift click", "extend or shorten the active span"],
    ["Del", "remove the active span"],
    ["Ctrl Z", "take the last change on this card back; with Shift, do it again"],
  ];

  constructor(task, labels) {
    this.task = task;
    this.labels = labels;
    this.pen = task.labels[0];
    this.contested = [];
    this.spans = this.makeSpans();
    this.view = new TextView();
    this.element = this.view.element;
    this.view.element.classList.add("lk-spans");
    labels.element.classList.add("lk-inked");
    this.cursor = new SpansCursor(this.view);
    const press = (span, offered) => this.press(span, offered);
    this.painter = new SpansPainter(this.view, task, press, (span) => this.activate(span));
    this.view.element.addEventListener("mousedown", (event) => this.onPress(event));
  }

  makeSpans() {
    return new Spans(this.task.overlap);
  }

  get value() {
    return this.spans.value;
  }

  get acceptWords() {
    return this.spans.all.length ? "Accept" : "No spans";
  }

  show(card, value) {
    this.contested = card.contested;
    this.view.show(card.text, card.tokens);
    this.cursor.reset();
    this.spans.reset(value);
    this.paint();
  }

  paint() {
    const { element } = this.view;
    const onTag = element.contains(document.activeElement) && document.activeElement !== element;
    this.painter.paint(this.spans, this.contested);
    this.paintActive();
    if (onTag && this.spans.active) this.painter.focusTag(this.spans.active);
    else if (onTag) element.focus({ preventScroll: true });
    this.onchange(this.spoken);
  }

  /** What a screen reader says of the last change, or null. */
  get spoken() {
    const { active } = this.spans;
    return active && `${this.wordsOf(active)}: ${active.label}`;
  }

  wordsOf({ start, end }) {
    return this.view.offsets.slice(start, end);
  }

  paintActive() {
    this.painter.paintActive(this.spans.active);
    this.labels.paintPressed([this.spans.active?.label ?? this.pen]);
  }

  activate(span) {
    this.spans.active = span;
    if (span) this.cursor.put([span.start, span.end]);
    this.paintActive();
  }

  /** Give the active span this label, mark what is selected with it, or take it for what is marked next. */
  pick(label) {
    this.pen = label;
    const range = this.selectedRange(this.cursor.exact);
    if (this.spans.active) this.spans.relabel(label);
    else if (range) this.mark(range);
    else return this.labels.paintPressed([label]);
    this.paint();
    return false;
  }

  mark([start, end]) {
    this.spans.mark(start, end, this.pen);
    this.cursor.put([start, end]);
    this.view.deselect();
  }

  take(value) {
    this.spans.take(value);
    this.paint();
    return false;
  }

  /** Remove the active span; with none active the key does nothing, so that it never undoes a decision by mistake. */
  remove() {
    if (this.spans.active) {
      this.spans.remove();
      this.paint();
    }
    return true;
  }

  /** Let go of what is active or selected; false where there is neither. */
  leave() {
    const holds = Boolean(this.spans.active || this.view.selected());
    this.view.deselect();
    this.cursor.reset();
    this.activate(null);
    return holds;
  }

  /** Move, resize or take a change back; false where the key is for the card as a whole. */
  key(event) {
    const control = event.ctrlKey || event.metaKey;
    if (control && event.key.toLowerCase() === "z") return this.turnBack(event.shiftKey);
    if (event.shiftKey && this.spans.active) return control ? this.moveStart(event) : this.resize(event);
    if (control) return false;
    if (!this.cursor.move(event)) return this.cursor.stepOf(event.key) !== null;
    this.activate(null);
    return true;
  }

  /** Whether a chord of keys is the card's, which the notebook would have otherwise. */
  hears({ key, ctrlKey, metaKey, shiftKey, altKey }) {
    const arrow = this.cursor.stepOf(key) !== null;
    if (!ctrlKey && !metaKey) return altKey && arrow;
    return key.toLowerCase() === "z" || (shiftKey && arrow && Boolean(this.spans.active));
  }

  /** Move the start of the active span. */
  moveStart(event) {
    const { start, end, label } = this.spans.active;
    this.cursor.exact = event.altKey;
    const step = this.cursor.stepOf(event.key);
    if (!step) return false;
    this.cursor.put(event.altKey ? this.view.offsets.grapheme(start) : [start, start + 1]);
    const to = step()?.[0] ?? start;
    if (to < end) this.spans.replace({ start: to, end, label });
    this.paint();
    return true;
  }

  /** Move the end of the active span. */
  resize(event) {
    const { start, end, label } = this.spans.active;
    this.cursor.exact = event.altKey;
    const step = this.cursor.stepOf(event.key);
    if (!step) return false;
    this.cursor.put([end, end]);
    const next = step();
    const to = next && (next[1] > end ? next[1] : next[0]);
    const reached = to > end ? to : this.lastEnd(start, next?.[0]);
    if (reached > start) this.spans.replace({ start, end: reached, label });
    this.paint();
    return true;
  }

  /** Where a span from `start` ends if it is cut before `point`. */
  lastEnd(start, point = start) {
    if (this.cursor.exact) return point;
    return this.view.offsets.snap(start, point)?.[1] ?? start;
  }

  turnBack(again) {
    if (again) this.spans.rechange();
    else this.spans.unchange();
    this.paint();
    return true;
  }

  describe(value) {
    return this.count(value).map(({ label, times }) => (times > 1 ? `${times} ${label}` : label)).join(" + ") || this.nothing;
  }

  get nothing() {
    return "no spans";
  }

  say(value, { contested }) {
    const differing = value.filter((span) => contested.some((other) => sameSpan(other, span)));
    const differs = (label) => differing.some((span) => span.label === label);
    return sayLabels(this.count(value).map((each) => ({ ...each, differs: differs(each.label) })));
  }

  /** How often each label stands in a value. */
  count(value) {
    return countLabels(this.task.labels, value);
  }

  // The pointer

  /** A span's tag was pressed: make it the active one, or take it over from the annotators who give it. */
  press(span, offered) {
    if (!offered) return this.activate(span);
    this.spans.mark(span.start, span.end, span.label);
    this.paint();
  }

  onPress(event) {
    if (event.button || event.target.role === "button") return;
    this.cursor.reset();
    if (event.shiftKey) {
      event.preventDefault(); // or the page selects from where it was clicked last
      return this.extendTo(this.view.pointUnder(event), event.altKey);
    }
    const { text } = this.view.offsets;
    const release = (up) => this.view.offsets.text === text && this.onRelease(up);
    document.addEventListener("mouseup", release, { once: true });
  }

  extendTo(point, exact) {
    if (point === null || !this.spans.active) return;
    const range = this.grow(point, point + 1, exact);
    if (!range) return;
    this.spans.extend(...range);
    this.paint();
  }

  /** The press is over: a click makes a span active, a drag or a double click marks. */
  onRelease(event) {
    if (event.detail > 2) return; // a third click selects the paragraph
    const range = this.selectedRange(event.altKey);
    const double = event.detail === 2;
    if (!range || (double && this.isWithinSpan(range))) return this.click(event);
    this.mark(range);
    this.paint();
  }

  isWithinSpan([start, end]) {
    const touched = this.spans.all.filter((span) => overlaps(span, { start, end }));
    return touched.some((span) => !this.task.overlap || sameRange(span, { start, end }));
  }

  /** Make the span under the pointer active; a further click goes on to the next around it. */
  click(event) {
    const point = this.view.pointUnder(event);
    const found = point === null ? [] : this.spans.covering(point);
    const place = found.indexOf(this.spans.active);
    const next = event.detail > 1 && place >= 0 ? found[place] : found[(place + 1) % (found.length || 1)];
    if (next) this.press(next, false);
    else this.activate(null);
    const token = next ? null : this.view.offsets.tokens[this.view.offsets.tokenAt(point ?? 0)];
    if (token) this.cursor.put([token[0], token[0]]);
  }

  /** What is selected in the text, as whole tokens or, if `exact`, whole characters; null where nothing is. */
  selectedRange(exact) {
    const selected = this.view.selected();
    return selected && this.grow(...selected, exact);
  }

  grow(start, end, exact) {
    return exact ? this.view.offsets.whole(start, end) : this.view.offsets.snap(start, end);
  }
}

/** How often each label stands in a list: [{label, times}]. */
function countLabels(labels, items) {
  const times = (label) => items.filter((item) => item.label === label).length;
  return labels.map((label) => ({ label, times: times(label) })).filter((each) => each.times);
}
