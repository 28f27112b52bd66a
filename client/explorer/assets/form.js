// A form for a JSON value, made of what the document says that the value may be. Every
// editor is a function of a shape, a value and what is done when that changes; only the
// part that changed is made anew.
const prefix = document.body.dataset.prefix;
const shapes = new Map(); // path to a promise of its shape
let serial = 0;

export function element(tag, attributes = {}, ...children) {
  const e = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) e.addEventListener(name.slice(2), value);
    else if (value === true) e.setAttribute(name, "");
    else if (value !== false && value != null) e.setAttribute(name, value);
  }
  e.append(...children);
  return e;
}

// parse reads JSON. A number that a double would change stays its text, which
// JSON.stringify writes again.
export function parse(text) {
  if (!JSON.rawJSON || !long.test(text)) return JSON.parse(text);
  return JSON.parse(text, (_, value, { source }) =>
    typeof value === "number" && decimal(String(value)) !== decimal(source) ? JSON.rawJSON(source) : value);
}

const long = /[\d.]{16}|e[+-]?\d{3}/i; // what a number looks like that a double may change

// decimal writes a number in one way: its digits, and where they stand.
function decimal(text) {
  const [number, power = "0"] = text.toLowerCase().split("e");
  const [whole, part = ""] = number.replace("-", "").split(".");
  const digits = (whole + part).replace(/^0+/, "");
  const short = digits.replace(/0+$/, "");
  return (text.startsWith("-") ? "-" : "") + short + "e" + (short && Number(power) - part.length + digits.length - short.length);
}

const isRaw = (value) => Boolean(JSON.isRawJSON?.(value));

// keeps reports whether nothing of a text is lost in the value that it stands for: of names
// that stand twice the last one would be left.
export function keeps(text, value) {
  const names = (json) => json.replace(/"(?:[^"\\]|\\.)*"/g, "").split(":").length;
  return (JSON.rawJSON || !long.test(text)) && names(text) === names(JSON.stringify(value));
}

// read returns what the program responded with, or throws what it says is wrong.
export async function read(response) {
  const text = await response.text();
  let found;
  try {
    found = parse(text);
  } catch {
    throw new Error(text.trim() || "status " + response.status);
  }
  if (!response.ok) throw new Error(found.error);
  return found;
}

export function ask(path, options) {
  return fetch(prefix + path, options).catch((err) => {
    throw err.name === "TypeError" ? new Error("the program that serves this page does not respond") : err;
  });
}

function load(path) {
  if (!shapes.has(path)) {
    shapes.set(path, ask("/shape.json?path=" + encodeURIComponent(path)).then(read));
  }
  return shapes.get(path);
}

export function loadOperation(id) {
  return load(escapeName(id));
}

const escapeName = (name) => name.replace(/[\\.]/g, "\\$&");
const pointerOf = (name) => "/" + String(name).replaceAll("~", "~0").replaceAll("/", "~1");

function typeOf(value) {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  if (isRaw(value)) return decimal(value.rawJSON).includes("e-") ? "number" : "integer";
  if (typeof value === "number") return Number.isInteger(value) ? "integer" : "number";
  return typeof value;
}

function fits(shape, value) {
  const type = typeOf(value);
  if (type === "null") return Boolean(shape.nullable);
  if (shape.enum) return shape.enum.some((v) => JSON.stringify(v) === JSON.stringify(value));
  if (!shape.types) return true;
  return shape.types.includes(type) || type === "integer" && shape.types.includes("number");
}

// branch returns which branch of a union a value is of: by the tag, else the first that
// it fits.
function branch(shape, value) {
  if (shape.by && value && typeof value === "object") {
    const i = shape.variants.findIndex((v) => v.values?.includes(value[shape.by]));
    if (i >= 0) return i;
  }
  const i = shape.variants.findIndex((v) => fits(v.schema, value));
  return i < 0 ? 0 : i;
}

// skeleton is the least that can stand where a value is needed.
export function skeleton(shape, by, tag) {
  if (shape.default !== undefined && shape.default !== null) return shape.default;
  if (shape.enum?.length) return shape.enum[0];
  if (shape.variants) {
    const first = shape.variants[0];
    return skeleton(first.schema, shape.by, first.values?.[0]);
  }
  switch (shape.types?.[0]) {
    case "string": return "";
    case "integer": case "number": return Number(shape.bounds?.minimum ?? 0);
    case "boolean": return false;
    case "array": return Number(shape.bounds?.minItems ?? 0) > 0 && shape.items ? [skeleton(shape.items)] : [];
    case "null": return null;
  }
  const object = {};
  for (const field of shape.fields ?? []) {
    if (field.required) object[field.name] = field.name === by ? tag : skeleton(field.schema);
  }
  if (by && tag !== undefined) object[by] = tag;
  return object;
}

const needsParts = (shape) => shape.cut && !shape.fields && !shape.variants;

// editor makes the control of a value. place is where it is: its path for the document,
// its pointer for problems, the id of its label.
export function editor(shape, value, change, place) {
  if (needsParts(shape)) return later(shape, value, change, place);
  if (shape.format === "binary" && shape.types?.includes("string")) return fileControl(value, change, place);
  const scalars = shape.variants?.every((v) => v.schema.types?.length === 1 && v.schema.types[0] === "string");
  if (scalars && (value === undefined || typeof value === "string")) return textControl({ ...shape, enum: undefined, hints: shape.variants.flatMap((v) => v.schema.enum ?? []) }, value, change, place);
  if (shape.variants) return unionControl(shape, value, change, place);
  if (value !== undefined && !fits(shape, value)) return rawControl(value, change, place);
  if (shape.enum) return choiceControl(shape, value, change, place);
  switch (value === null || value === undefined ? shape.types?.[0] : typeOf(value)) {
    case "string": return textControl(shape, value, change, place);
    case "integer": case "number": return numberControl(shape, value, change, place);
    case "boolean": return choiceControl({ enum: [true, false] }, value, change, place);
    case "array": return shape.items ? listControl(shape, value ?? [], change, place) : rawControl(value, change, place);
    case "object": return shape.fields || shape.other ? objectControl(shape, value ?? {}, change, place) : rawControl(value, change, place);
  }
  return rawControl(value, change, place);
}

// later stands for parts that have not been loaded.
function later(shape, value, change, place) {
  const box = element("div", { class: "quiet later" }, "…");
  load(shape.component ? escapeName(shape.component) : place.path).then((d) => {
    box.replaceWith(needsParts(d.schema) ? rawControl(value, change, place) : editor({ ...d.schema, nullable: shape.nullable }, value, change, place));
  }, () => box.replaceWith(rawControl(value, change, place)));
  return box;
}

function textControl(shape, value, change, place) {
  const long = !shape.format && !shape.pattern && !shape.hints && (shape.bounds?.maxLength === undefined || Number(shape.bounds.maxLength) > 200);
  const list = shape.hints?.length ? "list-" + ++serial : null;
  const input = long
    ? element("textarea", { id: place.label, rows: 1, "aria-describedby": place.words })
    : element("input", { id: place.label, type: "text", list, "aria-describedby": place.words });
  input.value = value ?? "";
  const grow = () => { if (long) { input.rows = Math.min(12, input.value.split("\n").length); } };
  grow();
  input.addEventListener("input", () => { grow(); change(input.value); });
  if (!list) return input;
  return element("div", {}, input, element("datalist", { id: list }, ...shape.hints.map((v) => element("option", { value: v }))));
}

function numberControl(shape, value, change, place) {
  const input = element("input", {
    id: place.label, type: "number", min: shape.bounds?.minimum, max: shape.bounds?.maximum,
    step: shape.types?.[0] === "integer" ? 1 : "any", "aria-describedby": place.words,
  });
  input.value = isRaw(value) ? value.rawJSON : value ?? "";
  input.addEventListener("input", () => change(input.value === "" ? null : number(input.value)));
  return input;
}

function number(text) {
  try {
    return parse(text);
  } catch {
    return Number(text); // .5
  }
}

function choiceControl(shape, value, change, place) {
  const texts = shape.enum.map((v) => JSON.stringify(v));
  if (shape.nullable && !texts.includes("null")) texts.push("null");
  const select = element("select", { id: place.label, "aria-describedby": place.words },
    ...texts.map((t) => element("option", { value: t, selected: t === JSON.stringify(value ?? null) }, t.replace(/^"|"$/g, ""))));
  if (!texts.includes(JSON.stringify(value ?? null))) select.selectedIndex = 0;
  select.addEventListener("change", () => change(parse(select.value)));
  return select;
}

function rawControl(value, change, place) {
  const input = element("textarea", { id: place.label, class: "json", rows: 3, spellcheck: "false", "aria-describedby": place.words });
  input.value = value === undefined ? "" : JSON.stringify(value, null, 2);
  const wrong = element("div", { class: "problem", role: "alert" });
  input.addEventListener("input", () => {
    try {
      change(input.value.trim() === "" ? undefined : parse(input.value));
      wrong.textContent = "";
    } catch (err) {
      wrong.textContent = "not valid JSON yet: " + err.message;
    }
  });
  return element("div", {}, input, wrong);
}

function fileControl(value, change, place) {
  const input = element("input", { id: place.label, type: "file", "aria-describedby": place.words });
  input.addEventListener("change", () => {
    const file = input.files[0];
    if (!file) return change("");
    const reader = new FileReader();
    reader.onload = () => change({ $file: { name: file.name, type: file.type, data: reader.result.slice(reader.result.indexOf(",") + 1) } });
    reader.onerror = () => change("");
    reader.readAsDataURL(file);
  });
  return element("div", {}, input, element("span", { class: "quiet" }, value?.$file?.name ? " " + value.$file.name : ""));
}

function branchName(variant, shape) {
  const s = variant.schema;
  return variant.values?.join(", ") ?? s.component ?? s.title ?? s.types?.join(" or ") ?? (shape.enum ? "value" : "any");
}

function unionControl(shape, value, change, place) {
  const box = element("div");
  const render = (current) => {
    const at = branch(shape, current);
    const select = element("select", { "aria-label": "Branch of " + place.name }, ...shape.variants.map((v, i) =>
      element("option", { value: i, selected: i === at }, branchName(v, shape))));
    if (current === null && shape.nullable) select.append(element("option", { value: "null", selected: true }, "null"));
    else if (shape.nullable) select.append(element("option", { value: "null" }, "null"));
    select.addEventListener("change", () => {
      if (select.value === "null") {
        change(null);
        return render(null);
      }
      const v = shape.variants[select.value];
      const start = (s) => skeleton(s, shape.by, v.values?.[0]);
      const set = (next) => { change(next); render(next); };
      if (needsParts(v.schema) && v.schema.component) load(escapeName(v.schema.component)).then((d) => set(start(d.schema)), () => set(start(v.schema)));
      else set(start(v.schema));
    });
    const v = shape.variants[at];
    const name = v.values?.[0] ?? v.schema.component;
    box.replaceChildren(select);
    if (current !== null) {
      box.append(editor(v.schema, current, change, { ...place, path: name ? place.path + "." + escapeName(name) : place.path }));
    }
  };
  render(value);
  return box;
}

function removeButton(name, remove) {
  return element("button", { type: "button", class: "remove", "aria-label": "Remove " + name, onclick: remove }, "×");
}

function listControl(shape, value, change, place) {
  const box = element("fieldset", { "aria-label": place.name });
  let list = [...value];
  const page = place.nested ? 10 : 50; // a form of thousands of rows takes a browser minutes
  let shown = page;
  const render = () => {
    box.replaceChildren(...list.slice(0, shown).map((item, i) => {
      const name = place.name + " " + (i + 1);
      const label = "f" + ++serial;
      const pointer = place.pointer + "/" + i;
      const control = editor(shape.items, item, (v) => { list = list.with(i, v === undefined ? null : v); change(list); }, { ...place, name, label, pointer, words: null, nested: true });
      return element("div", { class: "row", "data-pointer": pointer },
        element("div", { class: "head" }, nameOf(String(i), label, control),
          removeButton(name, () => { list = list.filter((_, at) => at !== i); change(list); render(); })),
        control);
    }), ...more(), element("button", {
      type: "button", onclick: () => {
        const add = (s) => {
          list = [...list, skeleton(s)];
          if (list.length === shown + 1) shown++; // what was added is seen
          change(list);
          render();
        };
        if (needsParts(shape.items) && shape.items.component) load(escapeName(shape.items.component)).then((d) => add(d.schema), () => add(shape.items));
        else add(shape.items);
      },
    }, "Add to " + place.name));
  };
  const more = () => list.length <= shown ? [] : [element("p", { class: "quiet" }, `${shown} of ${list.length} are shown. `,
    element("button", { type: "button", onclick: () => { shown += page; render(); } }, "Show more of " + place.name))];
  render();
  return box;
}

// nameOf is the label of a control, or a name where there are several controls, which have
// names of their own.
function nameOf(name, label, control) {
  const single = control.id === label || control.querySelector("#" + label) || control.classList.contains("later");
  return element(single ? "label" : "span", { class: "name", for: single ? label : null }, name || '""');
}

function fieldRow(field, value, change, remove, place) {
  const label = "f" + ++serial;
  const shape = field.schema;
  const words = shape.text ? "w" + serial : null;
  const control = editor(shape, value, change, {
    ...place, name: field.name, label, words,
    path: place.path + "." + escapeName(field.name), pointer: place.pointer + pointerOf(field.name),
  });
  const head = element("div", { class: "head" }, nameOf(field.name, label, control));
  if (field.required) head.append(element("span", { class: "required" }, "required"));
  if (shape.deprecated) head.append(element("span", { class: "old" }, "deprecated"));
  if (shape.component) head.append(element("a", { class: "quiet", href: prefix + "/component/" + encodeURIComponent(shape.component) }, shape.component));
  if (remove) head.append(removeButton(field.name, remove));
  const row = element("div", { class: "row", "data-pointer": place.pointer + pointerOf(field.name) }, head);
  if (words) row.append(element("div", { class: "words", id: words }, shape.text));
  row.append(control);
  return row;
}

export function objectControl(shape, value, change, place) {
  const box = element("fieldset", { "aria-label": place.name });
  let object = { ...value };
  const known = new Map((shape.fields ?? []).map((f) => [f.name, f]));
  const set = (name, v) => {
    object = { ...object };
    if (v === undefined) delete object[name];
    else Object.defineProperty(object, name, { value: v, enumerable: true, configurable: true, writable: true });
    change(object);
  };
  const render = () => {
    const rows = [];
    for (const f of known.values()) {
      if (!Object.hasOwn(object, f.name) && !f.required) continue;
      rows.push(fieldRow(f, object[f.name], (v) => set(f.name, v), f.required ? null : () => { set(f.name); render(); }, place));
    }
    for (const name of Object.keys(object)) {
      if (known.has(name)) continue;
      rows.push(fieldRow({ name, schema: shape.other ?? {} }, object[name], (v) => set(name, v), () => { set(name); render(); }, place));
    }
    box.replaceChildren(...rows, ...adders());
  };
  const adders = () => {
    const missing = [...known.values()].filter((f) => !f.required && !Object.hasOwn(object, f.name));
    const parts = [];
    if (missing.length) {
      const select = element("select", { "aria-label": "Add a field to " + place.name }, element("option", { value: "" }, "Add a field …"),
        ...missing.map((f) => element("option", { value: f.name, title: f.schema.text }, f.name)));
      select.addEventListener("change", () => {
        const f = known.get(select.value);
        if (!f) return;
        const add = (s) => { set(f.name, skeleton(s)); render(); };
        if (needsParts(f.schema) && f.schema.component) load(escapeName(f.schema.component)).then((d) => add(d.schema), () => add(f.schema));
        else add(f.schema);
      });
      parts.push(select);
    }
    if (shape.other || !shape.fields) {
      const name = element("input", { type: "text", "aria-label": "Name of a field to add to " + place.name, placeholder: "name" });
      parts.push(element("div", { class: "bar" }, name, element("button", {
        type: "button", onclick: () => {
          if (!name.value || Object.hasOwn(object, name.value)) return;
          set(name.value, skeleton(shape.other ?? {}));
          render();
        },
      }, "Add")));
    }
    return parts;
  };
  render();
  return box;
}
