// The parts of the card, each an element and what paints it.

/** A button that shows its key, and the part of it that holds its text. */
function keyButton({ look = "", text, title, onclick }) {
  const label = h("span", { class: "lk-button-text" }, text);
  const shown = h("kbd", { "aria-hidden": "true" });
  const button = h("button", { type: "button", class: `lk-button ${look}`, title, onclick }, label, shown);
  return { button, label, shown };
}

/** What each annotator says; a click or a key takes it over. `say` writes a value. */
function makeSuggestions(keys, say, ontake) {
  const element = h("div", { class: "lk-suggestions", role: "group", "aria-label": "Suggestions" });
  const blind = "Blind: you decide without any suggestion, so that the labels can be measured.";

  let shown = [];

  function paint(card) {
    shown = card.suggestions;
    const chips = card.suggestions.map((suggestion, place) => chip(suggestion, TAKES[place], card));
    element.replaceChildren(...(card.blind ? [h("p", { class: "lk-blind" }, blind)] : chips));
    element.hidden = !card.blind && !chips.length;
  }

  function chip({ annotator, value, confidence, note }, command, card) {
    const said = value ? say(value, card) : [h("em", { class: "lk-muted" }, "no answer")];
    const parts = [h("bdi", { class: "lk-annotator" }, annotator), ...said];
    if (confidence !== null) parts.push(h("span", { class: "lk-muted" }, `${Math.round(confidence * 100)} %`));
    if (note) parts.push(h("q", { class: "lk-remark", dir: "auto" }, note));
    if (value && command) parts.push(h("kbd", { "aria-hidden": "true" }, keys.name(command)));
    const title = value ? `Choose what ${annotator} says` : `${annotator} gave nothing that could be read`;
    const attributes = { type: "button", class: "lk-chip", title, disabled: !value, onclick: () => ontake(value) };
    return h("button", attributes, ...parts);
  }
  /** Choose what the annotator at `place` says, if it says something. */
  function take(place) {
    const value = shown[place]?.value;
    if (value) ontake(value);
  }
  return { element, paint, take };
}

/** The task's labels as buttons that are on or off; where keys don't reach all of them, with a field to find one. */
function makeLabels({ labels, definitions }, keys, onpick) {
  const buttons = labels.map(makeLabel);
  const shown = h("kbd", { "aria-hidden": "true" });
  const field = h("input", { class: "lk-field lk-find-label", type: "text", placeholder: "Label by name, then Enter" });
  field.setAttribute("aria-label", "Find a label by its name; Enter takes the first");
  const finder = labels.length > LABEL_KEYS.length ? h("div", { class: "lk-finder" }, field, shown) : null;
  const holders = buttons.map(({ holder }) => holder);
  const element = h("div", { class: "lk-labels", role: "group", "aria-label": "Labels" }, finder, ...holders);
  field.addEventListener("input", filter);
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.repeat && !event.isComposing) takeFirst();
  });
  paintKeys();

  function makeLabel(label, place) {
    const key = LABEL_KEYS[place];
    const by = h("span", { class: "lk-by" });
    const onclick = () => onpick(label);
    const button = h("button", { type: "button", class: "lk-label", "aria-keyshortcuts": key, onclick });
    button.style.setProperty("--lk-ink", `var(--lk-ink-${(place % INKS) + 1})`);
    const kbd = h("kbd", { "aria-hidden": "true" }, key);
    button.append(kbd, h("bdi", { class: "lk-label-name" }, label), by);
    return { label, button, by, kbd, holder: h("span", { class: "lk-label-holder" }, button, definitionOf(label)) };
  }

  function definitionOf(label) {
    if (!definitions[label]) return null;
    return h("span", { class: "lk-definition", role: "tooltip", dir: "auto" }, `${label}: ${definitions[label]}`);
  }

  function filter() {
    const sought = field.value.trim().toLowerCase();
    for (const { label, holder } of buttons) holder.hidden = !label.toLowerCase().includes(sought);
  }

  function takeFirst() {
    const found = field.value.trim() && buttons.find(({ holder }) => !holder.hidden);
    field.value = "";
    filter();
    field.blur();
    if (found) onpick(found.label);
  }

  /** Put the names of those who alone give a label beside it. */
  function paintBy(names) {
    for (const { label, button, by } of buttons) {
      const differs = names.has(label);
      button.classList.toggle("lk-differs", differs);
      setText(by, differs ? `only ${names.get(label).join(", ")}` : "");
    }
  }

  function paintPressed(pressed) {
    for (const { label, button } of buttons) button.setAttribute("aria-pressed", pressed.includes(label));
  }

  /** A label without a digit shows the key that finds it by name. */
  function paintKeys() {
    shown.textContent = keys.name("label");
    for (const { button, kbd } of buttons.slice(LABEL_KEYS.length)) {
      kbd.textContent = `${keys.name("label")} …`;
      button.title = `Press ${keys.name("label")}, type a part of its name, and press Enter`;
    }
  }
  return { element, paintBy, paintPressed, paintKeys, at: (place) => labels[place], find: () => finder && field.focus() };
}

/** A note of the person, written in a field that opens below the text. */
function makeNote(onwrite) {
  const field = h("textarea", { class: "lk-field lk-note", rows: 2, placeholder: "A note. Enter keeps it." });
  field.setAttribute("aria-label", "Note");
  field.dir = "auto";
  let kept = "";
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    field.blur();
  });
  field.addEventListener("blur", () => {
    const words = field.value.trim();
    field.hidden = !words;
    if (words !== kept) onwrite((kept = words));
  });

  function paint({ note }) {
    if (field.matches(":focus")) return;
    kept = field.value = note ?? "";
    field.hidden = !kept;
  }

  function open() {
    field.hidden = false;
    field.focus();
  }

  return { element: field, paint, open };
}
