// Draws relations over the text, as brat does: from the head's top to the tail's, with an arrow and the label. Where
// the two stand on different lines, an arc leaves its line at the side and comes in again on the other one.
// It is for the eye alone: the list below the text says the same, and is what can be pressed.

const ARC_PX = 15;
const FIRST_PX = 9;
const CORNER_PX = 6;
const LABEL_PX = 9;
const APART_PX = 4;

class RelationArcs {
  /** `pieceOf` returns the element in which a span begins. */
  constructor(view, pieceOf) {
    this.view = view;
    this.pieceOf = pieceOf;
    this.marks = [];
    this.layer = h("div", { class: "lk-arcs", "aria-hidden": "true" });
    new ResizeObserver(() => this.draw()).observe(view.element);
  }

  /** `marks` are {relation, by, offered}. */
  paint(marks) {
    const reach = ({ relation: { head, tail, label } }) => {
      return { start: Math.min(head.start, tail.start), end: Math.max(head.end, tail.end), label };
    };
    const spans = marks.map((mark) => ({ ...reach(mark), mark }));
    this.marks = layLanes(spans).map(({ span, lane }) => ({ ...span.mark, lane }));
    this.makeRoom();
    this.draw();
  }

  /** Raise the lines on which arcs end, and no others. */
  makeRoom() {
    for (const { relation: { head, tail }, lane } of this.marks) {
      for (const end of [head, tail]) {
        const room = h("span", { class: "lk-room" });
        room.style.height = `calc(1.1em + ${riseOf(lane) + LABEL_PX}px)`;
        this.pieceOf(end)?.prepend(room);
      }
    }
  }

  /** The text is drawn anew. */
  forget() {
    this.marks = [];
  }

  paintActive(active) {
    this.active = active;
    this.draw();
  }

  draw() {
    const { element } = this.view;
    this.layer.remove(); // or its own height would count
    if (!this.marks.length) return;
    this.box = element.getBoundingClientRect();
    this.width = element.clientWidth;
    this.layer.style.height = `${element.scrollHeight}px`;
    const drawing = s("svg", { width: this.width, height: element.scrollHeight });
    this.layer.replaceChildren(drawing);
    for (const mark of this.marks) {
      const look = this.lookOf(mark);
      const lines = this.linesOf(mark);
      for (const line of lines) drawing.append(s("path", { class: look, d: line.path }));
      this.layer.append(this.makeLabel(mark, look, lines[0]));
    }
    element.append(this.layer);
  }

  lookOf({ relation, by, offered }) {
    const active = this.active && !offered && sameRelation(relation, this.active);
    return `lk-arc${by ? " lk-arc-outlined" : ""}${offered ? " lk-arc-offered" : ""}${active ? " lk-active" : ""}`;
  }

  /** The lines of an arc: one, or two where its ends stand on different lines of the text. */
  linesOf({ relation: { head, tail }, lane }) {
    const [from, to] = [this.topOf(head), this.topOf(tail)];
    const rise = riseOf(lane);
    const sameLine = Math.abs(from.y - to.y) < 4;
    if (sameLine) {
      const way = Math.sign(to.x - from.x) || 1;
      const [left, right] = [from.x + way * APART_PX, to.x - way * APART_PX];
      const y = Math.min(from.y, to.y) - rise;
      return [{ path: `${bend(left, from.y, y, way)} H ${right - way * CORNER_PX} ${land(right, y, to.y, way)}`, x: (left + right) / 2, y }];
    }
    const way = to.y > from.y ? 1 : -1;
    const edge = way > 0 ? this.width - 2 : 2;
    const [out, back] = [from.y - rise, to.y - rise];
    return [
      { path: `${bend(from.x, from.y, out, way)} H ${edge}`, x: (from.x + edge) / 2, y: out },
      { path: `M ${this.width - edge} ${back} H ${to.x - way * CORNER_PX} ${land(to.x, back, to.y, way)}` },
    ];
  }

  /** The middle of the top of a span's first line, from the top left of the text. */
  topOf({ start, end }) {
    const { element } = this.view;
    const [first] = this.view.range(start, end).getClientRects();
    const rect = first ?? this.box;
    const left = rect.left - this.box.left - element.clientLeft + element.scrollLeft;
    return { x: left + rect.width / 2, y: rect.top - this.box.top - element.clientTop + element.scrollTop };
  }

  makeLabel({ relation, by, offered }, look, { x, y }) {
    const names = by ? ` · ${offered ? "" : "only "}${by.join(", ")}` : "";
    const label = h("span", { class: `lk-arc-label ${look}`, "data-label": `${relation.label}${names}` });
    label.style.left = `${x}px`;
    label.style.top = `${y}px`;
    return label;
  }
}

/** How high above its spans the arc on a lane runs. */
function riseOf(lane) {
  return FIRST_PX + lane * ARC_PX;
}

/** Rise from a span and turn the corner; `way` is 1 to the right and -1 to the left. */
function bend(x, from, to, way) {
  return `M ${x} ${from} V ${to + CORNER_PX} Q ${x} ${to} ${x + way * CORNER_PX} ${to}`;
}

/** Turn the corner, come down on a span, and draw the arrow's head. */
function land(x, from, to, way) {
  const corner = `Q ${x} ${from} ${x} ${from + CORNER_PX} V ${to}`;
  return `${corner} M ${x - 4} ${to - 6} L ${x} ${to} L ${x + 4} ${to - 6}`;
}
