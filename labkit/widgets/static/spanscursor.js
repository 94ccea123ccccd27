// The keyboard's place in a text: one or more tokens, or graphemes, which are selected in the page.

class SpansCursor {
  constructor(view) {
    this.view = view;
    this.reset();
  }

  reset() {
    this.anchor = this.focus = null;
    this.exact = false;
  }

  /** Both ends as [start, end]. */
  get range() {
    return this.anchor && [Math.min(this.anchor[0], this.focus[0]), Math.max(this.anchor[1], this.focus[1])];
  }

  /** Stand on a range, from which the next move goes on. */
  put(range) {
    this.anchor = this.focus = range;
  }

  /** Move as the key of `event` asks; false where it asks for no move, or there is nowhere to go. */
  move(event) {
    const step = this.stepOf(event.key);
    if (!step) return false;
    this.exact = event.altKey;
    const next = step();
    if (!next) return false;
    this.focus = next;
    if (!event.shiftKey || !this.anchor) this.anchor = next;
    this.view.select(...this.range);
    return true;
  }

  stepOf(key) {
    const { offsets, element } = this.view;
    const forwards = getComputedStyle(element).direction === "rtl" ? "ArrowLeft" : "ArrowRight";
    if (key === "ArrowRight" || key === "ArrowLeft") return () => (key === forwards ? this.next() : this.previous());
    if (key === "ArrowDown") return () => this.nextLine(1);
    if (key === "ArrowUp") return () => this.nextLine(-1);
    if (key === "Home") return () => offsets.tokens[0];
    if (key === "End") return () => offsets.tokens.at(-1);
    return null;
  }

  next() {
    const { offsets } = this.view;
    const from = this.focus ? this.focus[1] : 0;
    if (this.exact) return from < offsets.end ? offsets.grapheme(from) : null;
    return offsets.tokens[countBelow(offsets.starts, from)];
  }

  previous() {
    const { offsets } = this.view;
    const from = this.focus ? this.focus[0] : offsets.end;
    if (this.exact) return from > 0 ? offsets.grapheme(from - 1) : null;
    return offsets.tokens[countBelow(offsets.ends, from + 1) - 1];
  }

  /** The token above or below that is nearest, or undefined in the first and last line. */
  nextLine(way) {
    if (!this.focus) return this.next();
    const { tokens } = this.view.offsets;
    const here = this.boxOf(this.focus);
    let [best, distance, line] = [undefined, Infinity, null];
    for (let place = this.view.offsets.tokenAt(this.focus[0]); tokens[place]; place += way) {
      const box = this.boxOf(tokens[place]);
      const beyond = way > 0 ? box.top >= here.bottom : box.bottom <= here.top;
      if (!beyond) continue;
      line ??= box;
      if (way > 0 ? box.top >= line.bottom : box.bottom <= line.top) break;
      const apart = Math.abs(box.left + box.right - here.left - here.right);
      if (apart < distance) [best, distance] = [tokens[place], apart];
    }
    return best;
  }

  boxOf(range) {
    return this.view.range(...range).getBoundingClientRect();
  }
}
