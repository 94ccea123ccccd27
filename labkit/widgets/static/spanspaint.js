// Draws spans into a text: a line on a lane of its own under each, and a tag with its label where it ends.
// What some annotators mark and others don't is outlined, with the names of those who do.

const INKS = 8;
const LANE_PX = 5;

class SpansPainter {
  /** `onpress` gets the span whose tag is pressed, and whether it is only an annotator's; `onreach` one's on focus. */
  constructor(view, task, onpress, onreach) {
    this.view = view;
    this.onpress = onpress;
    this.onreach = onreach;
    this.inks = new Map(task.labels.map((label, place) => [label, `var(--lk-ink-${(place % INKS) + 1})`]));
  }

  paint(spans, contested) {
    const by = (span) => contested.find((other) => sameSpan(other, span))?.annotators ?? null;
    const offered = contested.filter((span) => !spans.has(span));
    this.marks = layLanes([...spans.all, ...offered]).map(({ span, lane }) => {
      return { span, lane, by: by(span), offered: offered.includes(span), ink: this.inks.get(span.label) };
    });
    this.lanes = Math.max(0, ...this.marks.map(({ lane }) => lane + 1));
    this.view.element.style.setProperty("--lk-lanes", this.lanes);
    this.drawn = [];
    const edges = new Set(this.marks.flatMap(({ span }) => [span.start, span.end]));
    this.view.paint([...edges], this.dress.bind(this), this.tagsAfter.bind(this));
    this.paintActive(spans.active);
  }

  /** Show which span is the one that the next key changes. */
  paintActive(active) {
    for (const { element, marks } of this.drawn) {
      const holds = marks.some(({ span, offered }) => span === active && !offered);
      element.classList.toggle("lk-active", holds);
      if (element.role === "button") element.setAttribute("aria-pressed", holds);
    }
  }

  /** Show between which two spans the next key makes a relation; the second may be missing. */
  paintPair(from, to) {
    const among = (marks, end) => Boolean(end) && marks.some(({ span, offered }) => !offered && sameSpan(span, end));
    for (const { element, marks } of this.drawn) {
      element.classList.toggle("lk-from", among(marks, from));
      element.classList.toggle("lk-to", among(marks, to));
    }
  }

  /** The element in which a span begins. */
  pieceOf(span) {
    return this.drawn.find(({ marks }) => marks.some((mark) => sameSpan(mark.span, span)))?.element;
  }

  focusTag(span) {
    this.drawn.find(({ element, marks }) => element.role === "button" && marks[0].span === span)?.element.focus();
  }

  /** What holds the piece from `start` to `end`: the lines of all spans that cover it. */
  dress(start, end) {
    const marks = this.marks.filter(({ span }) => span.start <= start && end <= span.end);
    if (!marks.length) return null;
    const element = h("span", { class: "lk-piece" });
    const inner = marks.filter(({ offered }) => !offered).sort((a, b) => a.lane - b.lane)[0];
    if (inner) element.style.setProperty("--lk-ink", inner.ink);
    element.classList.toggle("lk-marked", Boolean(inner));
    const outlined = marks.filter((mark) => mark.by);
    element.classList.toggle("lk-outlined", outlined.length > 0);
    element.classList.toggle("lk-outline-start", outlined.some(({ span }) => span.start === start));
    element.classList.toggle("lk-outline-end", outlined.some(({ span }) => span.end === end));
    element.style.backgroundImage = marks.map(({ ink, offered }) => drawLine(ink, offered)).join(", ");
    element.style.backgroundPosition = marks.map(({ lane }) => this.placeOf(lane)).join(", ");
    this.drawn.push({ element, marks });
    return element;
  }

  placeOf(lane) {
    return `0 calc(100% - ${(this.lanes - 1 - lane) * LANE_PX}px)`;
  }

  tagsAfter(end) {
    const marks = this.marks.filter(({ span }) => span.end === end).sort((a, b) => a.lane - b.lane);
    return marks.map((mark) => this.makeTag(mark));
  }

  makeTag(mark) {
    const { span, by, offered, ink } = mark;
    const words = this.view.offsets.slice(span.start, span.end);
    const names = by?.join(", ");
    const said = offered ? `${words}: take ${span.label}, as ${names} says` : `${words}: ${span.label}`;
    const element = h("span", {
      class: `lk-tag${offered ? " lk-offered" : ""}${by ? " lk-outlined-tag" : ""}`,
      role: "button",
      tabindex: 0,
      title: offered ? `Take over what ${names} says` : null,
      "aria-label": by && !offered ? `${said}, only ${names}` : said,
      "data-label": span.label,
      "data-by": by ? `${offered ? "" : "only "}${names}` : null,
      onclick: () => this.onpress(span, offered),
      onfocus: () => offered || this.onreach(span),
    });
    element.style.setProperty("--lk-ink", ink);
    this.drawn.push({ element, marks: [mark] });
    return element;
  }
}

/** A line in the label's colour, dashed for what only an annotator says. */
function drawLine(ink, dashed) {
  return dashed
    ? `repeating-linear-gradient(90deg, ${ink} 0 4px, transparent 4px 7px)`
    : `linear-gradient(${ink}, ${ink})`;
}
