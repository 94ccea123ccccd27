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
    this.all = value.map(({ start, end, label }) => ({ start, end, label })).sort(inOrder);
    this.active = null;
    this.past = [];
    this.future = [];
  }

  /** As Python wants it. */
  get value() {
    return this.all.map((span) => ({ ...span }));
  }

  /** Mark a range. Where spans may not overlap, it takes the place of those that it meets. */
  mark(start, end, label) {
    const span = { start, end, label };
    const meets = this.overlap ? sameSpan : overlaps;
    this.change([...this.all.filter((other) => !meets(other, span)), span], span);
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
    const meets = this.overlap ? sameSpan : overlaps;
    const others = this.all.filter((other) => other !== this.active && !meets(other, span));
    this.change([...others, span], span);
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
    this.past.push(this.all);
    this.future = [];
    this.set(all, active);
  }

  set(all, active) {
    this.all = [...all].sort(inOrder);
    this.active = active;
  }

  /** Take the last change on this card back. */
  unchange() {
    if (!this.past.length) return;
    this.future.push(this.all);
    this.set(this.past.pop(), null);
  }

  rechange() {
    if (!this.future.length) return;
    this.past.push(this.all);
    this.set(this.future.pop(), null);
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
