// Where characters are. Python counts code points, JavaScript UTF-16 units, people graphemes and words.
// "point" is a number of code points here, "unit" one of UTF-16 units.

/** How many of the sorted `numbers` are below `limit`. */
function countBelow(numbers, limit) {
  let [low, high] = [0, numbers.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (numbers[middle] < limit) low = middle + 1;
    else high = middle;
  }
  return low;
}

class Offsets {
  /** `tokens` are [start, end] in code points, in order. */
  constructor(text, tokens = []) {
    this.text = text;
    this.pairs = []; // the units at which a surrogate pair begins
    for (const { index } of text.matchAll(/[\ud800-\udbff][\udc00-\udfff]/g)) this.pairs.push(index);
    this.pairPoints = this.pairs.map((unit, count) => unit - count);
    this.end = this.point(text.length);
    this.tokens = tokens.filter(([start, end]) => this.slice(start, end).trim());
    this.starts = this.tokens.map(([start]) => start);
    this.ends = this.tokens.map(([, end]) => end);
  }

  /** The code points before `unit`; one within a surrogate pair counts as the pair's begin. */
  point(unit) {
    return unit - countBelow(this.pairs, unit);
  }

  unit(point) {
    return point + countBelow(this.pairPoints, point);
  }

  slice(start, end) {
    return this.text.slice(this.unit(start), this.unit(end));
  }

  /** The token at `point`, or the next one, or the last one; -1 where there are none. */
  tokenAt(point) {
    return Math.min(countBelow(this.ends, point + 1), this.tokens.length - 1);
  }

  /** The range grown to whole tokens, without white space at its ends; null where it holds no token. */
  snap(start, end) {
    const first = countBelow(this.ends, start + 1);
    const last = countBelow(this.starts, end) - 1;
    return first <= last ? [this.starts[first], this.ends[last]] : null;
  }

  /** The range grown to whole graphemes, so that no accent is parted from its letter; null where it is empty. */
  whole(start, end) {
    if (start >= end) return null;
    return [this.grapheme(start)[0], this.grapheme(end - 1)[1]];
  }

  /** The range of the grapheme at `point`. */
  grapheme(point) {
    this.segments ??= new Intl.Segmenter(undefined, { granularity: "grapheme" }).segment(this.text);
    const inside = Math.max(0, Math.min(point, this.end - 1));
    const { index, segment } = this.segments.containing(this.unit(inside)) ?? { index: 0, segment: "" };
    return [this.point(index), this.point(index + segment.length)];
  }
}
