// Draws the last report of a job; Python sends it in the trait "report".

const CHART = { width: 220, height: 56 };
const TICK_MS = 1000;
const TONES = { running: "busy", done: "good", failed: "bad", stopped: "bad" };

class MonitorView {
  constructor(model) {
    this.model = model;
    this.bar = h("div");
    this.track = h("div", { class: "lk-track", role: "progressbar", "aria-label": "Progress" }, this.bar);
    this.stage = h("span", { class: "lk-stage lk-muted" });
    this.state = h("span", { class: "lk-state", role: "status" });
    this.facts = h("p", { class: "lk-facts lk-muted" });
    this.charts = h("div", { class: "lk-charts" });
    const name = model.get("title");
    const title = h("span", { class: "lk-title" }, name);
    const head = h("header", { class: "lk-head" }, title, this.stage, this.state, this.track);
    this.element = h("section", { class: "lk lk-monitor", "aria-label": name }, head, this.facts, this.charts);
    this.paint = this.paint.bind(this);
    model.on("change:report", this.paint);
    this.ticking = setInterval(() => this.paintFacts(), TICK_MS);
    this.paint();
  }

  close() {
    clearInterval(this.ticking);
    this.model.off("change:report", this.paint);
  }

  paint() {
    this.report = this.model.get("report");
    this.receivedAt = performance.now();
    const { stage, done, total, state, curves } = this.report;
    this.element.dataset.state = state;
    this.state.dataset.tone = TONES[state];
    this.state.textContent = state;
    this.stage.textContent = stage;
    this.paintBar(state === "done" ? total : done, total);
    this.paintFacts();
    this.charts.replaceChildren(...Object.entries(curves).map(([name, values]) => chart(name, values)));
  }

  paintBar(done, total) {
    const known = total > 0;
    this.track.classList.toggle("lk-unknown", !known);
    setShare(this.bar, known ? Math.min(1, done / total) : 1);
    this.track.setAttribute("aria-valuemax", total || 1);
    if (known) this.track.setAttribute("aria-valuenow", done);
    else this.track.removeAttribute("aria-valuenow");
  }

  /** The line of numbers; between reports the clock goes on. */
  paintFacts() {
    const { done, total, state, elapsed, rate, left, dollars } = this.report;
    const since = state === "running" ? (performance.now() - this.receivedAt) / 1000 : 0;
    const facts = [total ? `${count(done)} of ${count(total)}` : count(done), duration(elapsed + since)];
    if (rate) facts.push(rate >= 1 ? `${figure(rate)} a second` : `${figure(1 / rate)} s each`);
    if (left !== null && state === "running") facts.push(`about ${duration(Math.max(0, left - since))} left`);
    if (dollars !== null) facts.push(`$${dollars.toFixed(dollars < 1 ? 4 : 2)}`);
    this.facts.textContent = facts.join(" · ");
  }
}

/** A small curve with its name, its last value, and its range at the side. */
function chart(name, values) {
  const low = Math.min(...values);
  const high = Math.max(...values);
  const x = (i) => (values.length > 1 ? (i / (values.length - 1)) * CHART.width : CHART.width);
  const y = (value) => CHART.height - ((value - low) / (high - low || 1)) * (CHART.height - 6) - 3;
  const points = values.map((value, i) => `${x(i).toFixed(1)},${y(value).toFixed(1)}`).join(" ");
  const last = values[values.length - 1];
  const drawing = s(
    "svg",
    { viewBox: `0 0 ${CHART.width} ${CHART.height}`, preserveAspectRatio: "none", "aria-hidden": "true" },
    s("polyline", { points, "vector-effect": "non-scaling-stroke" }),
  );
  const range = h("span", { class: "lk-range lk-muted" }, h("span", {}, figure(high)), h("span", {}, figure(low)));
  const caption = h("figcaption", {}, h("span", {}, name), h("strong", {}, figure(last)));
  return h("figure", { class: "lk-chart" }, caption, h("div", { class: "lk-plot" }, drawing, range));
}

function figure(value) {
  return Number(value.toPrecision(3)).toLocaleString("en", { maximumSignificantDigits: 3 });
}

function count(value) {
  return value.toLocaleString("en");
}

/** Seconds as "42 s", "3 min 05 s" or "2 h 07 min". */
function duration(seconds) {
  const whole = Math.round(seconds);
  const two = (value) => String(value).padStart(2, "0");
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${two(whole % 60)} s`;
  return `${Math.floor(whole / 3600)} h ${two(Math.floor((whole % 3600) / 60))} min`;
}

function render({ model, el }) {
  const view = new MonitorView(model);
  el.append(view.element);
  return () => view.close();
}

export default { render };
