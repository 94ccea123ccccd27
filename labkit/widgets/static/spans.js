// What stands marked in a text, and how a person's acts change that; no elements here.
//
// A span is {start, end, label}, in code points, end exclusive.

const sameRange = (a, b) => a.start === b.start && a.end === b.end;
const sameSpan = (a, b) => sameRange(a, b) && a.label === b.label;
const overlaps = (a, b) => a.start < b.end && b.start < a.end;
const inOrder = (a, b) => a.start - b.start || b.end - a.end || (a.label < b.label ? -1 : 1);

class Spans {
  constructor(overlap) {
    this.overlap = overlap;
    this.reset([]);
  }

  reset(value) {
    this.past = [];
    this.future = [];
    this.fill(value);
  }

  fill(value) {
    this.set(value.map(({ start, end, label }) => ({ start, end, label })), null);
  }

  /** As Python wants it. */
  get value() {
    return this.all.map((span) => ({ ...span }));
  }

  /** Mark a range. Where spans may not overlap, it takes the place of those that it meets. */
  mark(start, end, label) {
    const span = { start, end, label };
    this.change(this.put(this.all, span), span);
  }

  /** The spans `all` with one more; where spans may not overlap, it takes the place of those that it meets. */
  put(all, span) {
    const meets = this.overlap ? sameSpan : overlaps;
    return [...all.filter((other) => !meets(other, span)), span];
  }

  /** Take over a whole value. */
  take(value) {
    this.remember();
    this.fill(value);
  }

  relabel(label) {
    this.replace({ ...this.active, label });
  }

  /** Grow the active span so that it reaches this range, or end it there if the range lies within it. */
  extend(start, end) {
    const { active } = this;
    const within = active.start <= start && end <= active.end;
    this.replace({ ...active, start: Math.min(active.start, start), end: within ? end : Math.max(active.end, end) });
  }

  replace(span) {
    this.change(this.put(this.all.filter((other) => other !== this.active), span), span);
  }

  remove() {
    this.change(this.all.filter((other) => other !== this.active), null);
  }

  has(span) {
    return this.all.some((other) => sameSpan(other, span));
  }

  /** The spans that cover a point, the shortest first. */
  covering(point) {
    const found = this.all.filter(({ start, end }) => start <= point && point < end);
    return found.sort((a, b) => a.end - a.start - (b.end - b.start));
  }

  change(all, active) {
    this.remember();
    this.set(all, active);
  }

  /** Keep what stands now, so that the next change can be taken back. */
  remember() {
    this.past.push(this.kept);
    this.future = [];
  }

  /** What is kept of a state. */
  get kept() {
    return { all: this.all };
  }

  restore({ all }) {
    this.set(all, null);
  }

  set(all, active) {
    this.all = [...all].sort(inOrder);
    this.active = active;
  }

  /** Take the last change on this card back. */
  unchange() {
    if (!this.past.length) return;
    this.future.push(this.kept);
    this.restore(this.past.pop());
  }

  rechange() {
    if (!this.future.length) return;
    this.past.push(this.kept);
    this.restore(this.future.pop());
  }
}

/** Put spans on lanes, the shortest on the first, so that no two on one lane meet: [{span, lane}]. */
function layLanes(spans) {
  const placed = [];
  for (const span of [...spans].sort((a, b) => a.end - a.start - (b.end - b.start) || inOrder(a, b))) {
    const taken = new Set(placed.filter((other) => overlaps(other.span, span)).map(({ lane }) => lane));
    let lane = 0;
    while (taken.has(lane)) lane += 1;
    placed.push({ span, lane });
  }
  return placed;
}
