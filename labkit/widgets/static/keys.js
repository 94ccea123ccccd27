// Which key asks for what.

const COMMANDS = {
  a: "accept",
  Enter: "accept",
  x: "reject",
  " ": "ignore",
  Backspace: "undo",
  Delete: "undo",
  h: "help",
  Escape: "leave",
};

const SCROLLS = { ArrowUp: -0.15, ArrowDown: 0.15, PageUp: -0.9, PageDown: 0.9 };

/** The ten keys that stand for the first ten labels, in order. */
const LABEL_KEYS = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "0"];

/**
 * Read what a key-down asks for: {command}, {label: place} or {scroll: share of the height}; {} where it is
 * none of the card's keys, and null where the notebook should have it. The notebook never gets Backspace or Delete:
 * with Ctrl, JupyterLab cuts the cell.
 */
function readKey(event) {
  if (event.isComposing || event.key === "Tab") return null;
  if (event.ctrlKey || event.altKey || event.metaKey) return COMMANDS[event.key] === "undo" ? {} : null;
  const digit = readDigit(event);
  if (digit) return { label: LABEL_KEYS.indexOf(digit) };
  if (event.shiftKey) return event.key === "Enter" ? null : {};
  if (event.key in SCROLLS) return { scroll: SCROLLS[event.key] };
  return { command: COMMANDS[event.key] ?? COMMANDS[readLetter(event)] };
}

/** The digit of a key, also on keyboards whose digit row needs Shift (AZERTY) or types other digits. */
function readDigit(event) {
  if (/^[0-9]$/.test(event.key)) return event.key;
  return event.shiftKey ? null : (/^Digit([0-9])$/.exec(event.code)?.[1] ?? null);
}

/** The Latin letter of a key, also with Caps Lock and on keyboards of other scripts. */
function readLetter(event) {
  if (/^[a-z]$/i.test(event.key)) return event.key.toLowerCase();
  return /^[\x00-\x7f]*$/.test(event.key) ? null : /^Key([A-Z])$/.exec(event.code)?.[1].toLowerCase();
}
