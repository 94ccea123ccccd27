// The text of a card: its characters as they are, code in monospace, and what is marked in it.

const FENCE = /^ {0,3}(`{3,}|~{3,})/;
const INDENTED = /^(?: {4}|\t)\s*\S/;

/** Part `text` into runs of prose and of code, as CommonMark tells them apart: {start, end, code}, in units. */
function findBlocks(text) {
  const blocks = [];
  let [at, fence, inCode, blankBefore] = [0, null, false, true];
  for (const line of text.match(/[^\n]*\n|[^\n]+$/g) ?? []) {
    const marker = FENCE.exec(line)?.[1];
    const blank = !line.trim();
    let code = true;
    if (fence) {
      if (marker?.startsWith(fence) && !line.trim().slice(marker.length)) fence = null;
    } else if (marker) fence = marker;
    else code = INDENTED.test(line) ? blankBefore || inCode : blank && inCode;
    const last = blocks.at(-1);
    if (last?.code === code) last.end = at + line.length;
    else blocks.push({ start: at, end: at + line.length, code });
    [at, inCode, blankBefore] = [at + line.length, code && !marker, blank || Boolean(marker)];
  }
  return blocks;
}

class TextView {
  constructor() {
    const attributes = { class: "lk-text", tabindex: 0, dir: "auto", role: "region", "aria-label": "Text" };
    this.element = h("div", attributes);
  }

  show(text, tokens) {
    this.offsets = new Offsets(text, tokens);
    this.blocks = findBlocks(text);
    this.paint();
    this.element.scrollTop = 0;
  }

  /**
   * Draw the text anew. `cuts` are the points at which it is cut into pieces, `dress(start, end)` returns what a
   * piece is put into, or null, and `after(point)` the elements that stand behind the piece that ends there.
   */
  paint(cuts = [], dress = () => null, after = () => []) {
    const units = cuts.map((point) => this.offsets.unit(point)).sort((a, b) => a - b);
    const { text } = this.offsets;
    const piece = (from, to) => {
      const [start, end] = [this.offsets.point(from), this.offsets.point(to)];
      const holder = dress(start, end);
      holder?.append(text.slice(from, to));
      return [holder ?? text.slice(from, to), ...after(end)];
    };
    const parts = this.blocks.map(({ start, end, code }) => {
      const edges = [start, ...units.filter((unit) => start < unit && unit < end), end];
      const pieces = edges.slice(1).flatMap((edge, place) => piece(edges[place], edge));
      return h("div", { class: code ? "lk-block lk-code" : "lk-block" }, ...pieces);
    });
    this.element.replaceChildren(...parts);
  }

  /** The point of a boundary in the page, or null where it is not in the text. */
  pointOf(node, offset) {
    if (!this.element.contains(node)) return null;
    const range = new Range();
    range.setStart(this.element, 0);
    range.setEnd(node, offset);
    return this.offsets.point(range.toString().length);
  }

  /** The point that lies under a pointer, or null. */
  pointUnder({ clientX, clientY }) {
    const position = document.caretPositionFromPoint?.(clientX, clientY);
    if (position) return this.pointOf(position.offsetNode, position.offset);
    const range = document.caretRangeFromPoint?.(clientX, clientY);
    return range ? this.pointOf(range.startContainer, range.startOffset) : null;
  }

  /** The page's Range of two points. */
  range(start, end) {
    const range = new Range();
    range.setStart(...this.boundary(start, 1));
    range.setEnd(...this.boundary(end, 0));
    return range;
  }

  /** The text node and offset of a point; at a cut, `later` (0 or 1) says on which side. */
  boundary(point, later) {
    const walker = document.createTreeWalker(this.element, NodeFilter.SHOW_TEXT);
    let [left, last] = [this.offsets.unit(point), null];
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      if (left + later <= node.length) return [node, left];
      left -= node.length;
      last = node;
    }
    return last ? [last, last.length] : [this.element, 0];
  }

  /** What the person has selected in the text, as two points, or null. */
  selected() {
    const selection = getSelection();
    if (!selection.rangeCount || selection.isCollapsed) return null;
    const { startContainer, startOffset, endContainer, endOffset } = selection.getRangeAt(0);
    const [start, end] = [this.pointOf(startContainer, startOffset), this.pointOf(endContainer, endOffset)];
    if (start === null && end === null) return null;
    return [start ?? 0, end ?? this.offsets.end];
  }

  /** Select a range, and scroll the text so far that it is seen. */
  select(start, end) {
    const range = this.range(start, end);
    getSelection().setBaseAndExtent(range.startContainer, range.startOffset, range.endContainer, range.endOffset);
    this.reveal(range.getBoundingClientRect());
  }

  reveal(box) {
    const around = this.element.getBoundingClientRect();
    const margin = 24;
    if (box.top < around.top + margin) this.element.scrollTop -= around.top + margin - box.top;
    else if (box.bottom > around.bottom - margin) this.element.scrollTop += box.bottom - around.bottom + margin;
  }

  /** Select nothing, if what is selected lies here. */
  deselect() {
    const selection = getSelection();
    if (this.element.contains(selection.anchorNode)) selection.removeAllRanges();
  }

  scroll(share) {
    this.element.scrollBy({ top: share * this.element.clientHeight });
  }
}
