// The parts of the card, each an element and what paints it.

const BUTTONS = {
  accept: { look: "lk-primary", text: "Accept", key: "↵", title: "Accept the chosen labels (A or Enter)" },
  reject: {
    text: "Reject",
    key: "X",
    title:
      "Reject (X): what is suggested is wrong, and no label is given instead. " +
      "It is no negative: to say that no label applies, accept with none chosen",
  },
  ignore: { text: "Ignore", key: "Space", title: "Ignore (Space): say nothing of this text" },
  undo: { look: "lk-quiet", text: "Undo", key: "⌫", title: "Undo the last decision (Backspace)" },
  help: { look: "lk-quiet", text: "Help", key: "H", title: "Keys, and what the labels mean" },
};

/** A button that shows its key, and the part of it that holds its text. */
function keyButton({ look = "", text, key, title }, onclick) {
  const label = h("span", { class: "lk-button-text" }, text);
  const shown = h("kbd", { "aria-hidden": "true" }, key);
  const button = h("button", { type: "button", class: `lk-button ${look}`, title, onclick }, label, shown);
  return { button, label };
}

/** Title, counts, bar and state. */
function makeHead({ title, person }) {
  const count = h("span", { class: "lk-count" });
  const state = h("span", { class: "lk-state", role: "status" });
  const bar = h("div");
  const track = h("div", { class: "lk-track", role: "progressbar", "aria-label": "Done", "aria-valuemin": 0 }, bar);
  const name = h("span", { class: "lk-title", title: `${title}, decided by ${person}` }, title);
  name.append(h("span", { class: "lk-person lk-muted" }, person));
  const element = h("header", { class: "lk-head" }, name, count, state, track);

  function paint(session) {
    const done = Math.min(session.at, session.total);
    count.textContent = session.state ? `${done} done · ${session.total - done} left` : "";
    setShare(bar, session.total ? done / session.total : 0);
    track.setAttribute("aria-valuemax", session.total);
    track.setAttribute("aria-valuenow", done);
    const [tone, text] = describeState(session);
    state.dataset.tone = tone;
    state.textContent = text;
  }
  return { element, paint };
}

/** The three states; "saved" only where Python has confirmed every decision. */
function describeState({ state, unsaved, problem }) {
  if (!unsaved) return state ? ["good", "Saved"] : ["busy", "Starting"];
  if (problem) return ["bad", `Not saved: ${unsaved}, retrying`];
  return ["busy", unsaved > 1 ? `Saving ${unsaved}` : "Saving"];
}

/** What went wrong, and a button to try again. */
function makeAlert(onretry) {
  const text = h("span", { class: "lk-alert-text" });
  const retry = h("button", { type: "button", class: "lk-button", onclick: onretry }, "Retry now");
  const element = h("div", { class: "lk-alert", role: "alert", hidden: true }, text, retry);

  function paint(session) {
    const failed = session.unsaved > 0 && session.problem;
    const kept = session.silent ? "is kept in this page until it answers." : "is kept and will be sent again.";
    const words = failed ? `${session.problem} What you decided ${kept}` : (session.notice ?? "");
    element.hidden = !words;
    retry.hidden = !failed;
    if (text.textContent !== words) text.textContent = words; // or a screen reader says it again
  }
  return { element, paint };
}

/** What each annotator says; a click takes it over. */
function makeSuggestions(ontake) {
  const element = h("div", { class: "lk-suggestions", role: "group", "aria-label": "Suggestions" });

  function paint({ suggestions, contested }) {
    element.replaceChildren(...suggestions.map((suggestion) => chip(suggestion, contested)));
    element.hidden = !suggestions.length;
  }

  function chip({ annotator, value, confidence }, contested) {
    const parts = [h("bdi", { class: "lk-annotator" }, annotator), ...said(value, contested)];
    if (confidence !== null) parts.push(h("span", { class: "lk-muted" }, `${Math.round(confidence * 100)} %`));
    const title = value ? `Choose what ${annotator} says` : `${annotator} gave nothing that could be read`;
    const attributes = { type: "button", class: "lk-chip", title, disabled: !value, onclick: () => ontake(value) };
    return h("button", attributes, ...parts);
  }

  function said(value, contested) {
    if (!value) return [h("em", { class: "lk-muted" }, "no answer")];
    if (!value.length) return [h("span", { class: "lk-said" }, "none")];
    return value.flatMap((label, place) => {
      const name = h("bdi", { class: contested.includes(label) ? "lk-said lk-differs" : "lk-said" }, label);
      return place ? [h("span", { class: "lk-plus" }, "+"), name] : [name];
    });
  }
  return { element, paint };
}

/** The task's labels as buttons that are on or off. */
function makeLabels({ labels, definitions }, onpick) {
  const buttons = labels.map(makeLabel);
  const holders = buttons.map(({ holder }) => holder);
  const element = h("div", { class: "lk-labels", role: "group", "aria-label": "Labels" }, ...holders);

  function makeLabel(label, place) {
    const key = LABEL_KEYS[place];
    const by = h("span", { class: "lk-by" });
    const onclick = () => onpick(place);
    const button = h("button", { type: "button", class: "lk-label", "aria-keyshortcuts": key, onclick });
    button.append(h("kbd", { "aria-hidden": "true" }, key ?? "·"), h("bdi", { class: "lk-label-name" }, label), by);
    return { label, button, by, holder: h("span", { class: "lk-label-holder" }, button, definitionOf(label)) };
  }

  function definitionOf(label) {
    if (!definitions[label]) return null;
    return h("span", { class: "lk-definition", role: "tooltip", dir: "auto" }, `${label}: ${definitions[label]}`);
  }

  /** Mark the labels that not all annotators give with the names of those who do. */
  function paint({ suggestions, contested }) {
    for (const { label, button, by } of buttons) {
      const names = suggestions.filter(({ value }) => value?.includes(label)).map(({ annotator }) => annotator);
      const differs = contested.includes(label);
      button.classList.toggle("lk-differs", differs);
      by.textContent = differs ? `only ${names.join(", ")}` : "";
    }
  }

  function paintSelected(selected) {
    for (const { label, button } of buttons) button.setAttribute("aria-pressed", selected.includes(label));
  }
  return { element, paint, paintSelected };
}

const KEY_HELP = [
  ["1 – 9, 0", "choose or drop a label"],
  ["A, Enter", "accept the chosen labels; with none chosen: no label applies"],
  ["X", "reject: what is suggested is wrong, and no label is given instead"],
  ["Space", "ignore: say nothing of this text"],
  ["Backspace, Delete", "undo the last decision and go back to its text"],
  ["↑ ↓ PgUp PgDn", "scroll the text"],
  ["H", "show or hide this"],
  ["Esc", "leave the card, so that the notebook has the keys again"],
];

/** The keys, and what the labels mean. */
function makeHelp({ labels, definitions }) {
  const keys = KEY_HELP.flatMap(([key, what]) => [h("dt", {}, h("kbd", {}, key)), h("dd", {}, what)]);
  const meanings = labels.flatMap((label) => [
    h("dt", {}, h("bdi", {}, label)),
    h("dd", { dir: "auto" }, definitions[label] ?? "no definition"),
  ]);
  const half = (title, items) => h("div", {}, h("h4", {}, title), h("dl", {}, ...items));
  return h("div", { class: "lk-help", hidden: true }, half("Labels", meanings), half("Keys", keys));
}
