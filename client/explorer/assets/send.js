// The desk of an operation: what is asked for, the verdict while one types, the call and
// what comes of it, the history.
import { ask, editor, element, keeps, loadOperation, objectControl, parse, read, skeleton } from "./form.js";

const prefix = document.body.dataset.prefix;
const desk = document.getElementById("desk");
const id = desk?.dataset.operation;
const by = (name) => document.getElementById(name);

const state = { parameters: {}, body: undefined, text: null, mediaType: "" };
let shape; // of the operation
let calls; // the AbortController of the call that goes on
let checks = 0;
let codes = [];

// bodyText is the body as it is sent: as typed where it is edited as text.
function bodyText() {
  if (state.text !== null) return state.text.trim() === "" ? null : state.text;
  return state.body === undefined ? null : JSON.stringify(state.body);
}

// withFiles puts something else in the place of each file of a body.
function withFiles(text, instead) {
  if (!text?.includes('"$file"')) return text;
  try {
    return JSON.stringify(parse(text), (_, value) => value?.$file ? instead(value.$file) : value);
  } catch {
    return text;
  }
}

function asked() {
  return {
    operation: id, parameters: state.parameters, body: bodyText(), mediaType: state.mediaType,
    stream: Boolean(by("stream")?.checked), target: by("target").value,
  };
}

function post(path, body, signal) {
  return ask(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body), signal });
}

let timer;
function changed() {
  clearTimeout(timer);
  timer = setTimeout(check, 60);
}

async function check() {
  const turn = ++checks;
  try {
    const what = asked();
    what.body = withFiles(what.body, ({ name, type }) => ({ $file: { name, type, data: "" } })); // what is in a file makes no difference
    const verdict = await read(await post("/check", what));
    if (turn !== checks) return; // something was typed since
    showVerdict(verdict);
    if (verdict.code) showCode(verdict.code);
  } catch (err) {
    if (turn === checks) by("verdict").replaceChildren(element("p", { class: "problem" }, "Not validated: " + err.message));
  }
}

function showVerdict(verdict) {
  for (const row of document.querySelectorAll(".row.wrong")) {
    row.classList.remove("wrong");
    row.querySelectorAll(":scope > .problem").forEach((p) => p.remove());
  }
  if (verdict.valid) {
    by("verdict").replaceChildren(element("p", { class: "ok" }, "✓ Valid"));
    return;
  }
  const items = verdict.problems.map((p) => {
    const place = p.in ? p.in + " " + p.pointer.slice(1) : p.pointer || "the body";
    return element("li", {}, element("button", { type: "button", onclick: () => go(p) }, place + ": " + p.message));
  });
  if (verdict.more) items.push(element("li", {}, "and " + verdict.more + " more"));
  if (verdict.message) items.push(element("li", {}, verdict.message));
  const count = verdict.problems.length + (verdict.more ?? 0) + (verdict.message ? 1 : 0);
  by("verdict").replaceChildren(element("p", { class: "problem" }, "✗ " + count + (count === 1 ? " problem" : " problems")), element("ul", { class: "problem" }, ...items));
  for (const p of verdict.problems) {
    const row = rowOf(p);
    if (!row) continue;
    row.classList.add("wrong");
    row.append(element("div", { class: "problem" }, p.message));
  }
}

// rowOf finds the row of a problem or the closest one around it.
function rowOf(problem) {
  const box = problem.in ? by("parameters") : by("form");
  for (let pointer = problem.pointer; pointer; pointer = pointer.slice(0, pointer.lastIndexOf("/"))) {
    const row = box.querySelector(`[data-pointer="${CSS.escape(pointer)}"]`);
    if (row) return row;
  }
  return null;
}

function go(problem) {
  if (!problem.in && !by("json").hidden) return goInText(problem.pointer);
  const row = rowOf(problem);
  row?.scrollIntoView({ block: "center" });
  (row?.querySelector("input, select, textarea, button") ?? by("text")).focus();
}

// goInText marks the name that a problem is at, as far as the text has it.
function goInText(pointer) {
  const text = by("text");
  let at = 0;
  let end = 0;
  for (const part of pointer.split("/").slice(1)) {
    const name = JSON.stringify(part.replaceAll("~1", "/").replaceAll("~0", "~"));
    const next = text.value.indexOf(name, end);
    if (next >= 0) [at, end] = [next, next + name.length];
  }
  text.focus();
  text.setSelectionRange(at, end);
}

function showCode(list) {
  codes = list;
  const select = by("language");
  if (select.options.length !== list.length) {
    select.replaceChildren(...list.map((c) => element("option", { value: c.language }, c.language)));
    const kept = localStorage.getItem("opcall-language");
    if (list.some((c) => c.language === kept)) select.value = kept;
  }
  by("code").textContent = list.find((c) => c.language === select.value)?.text ?? "";
}

function drawParameters() {
  const fields = (shape.operation.parameters ?? []);
  const box = by("parameters");
  box.replaceChildren();
  for (const place of ["path", "query", "header", "cookie"]) {
    const here = fields.filter((f) => f.in === place);
    if (here.length === 0) continue;
    box.append(element("h3", {}, "In the " + (place === "path" || place === "query" ? place : place + "s")),
      objectControl({ fields: here }, state.parameters[place] ?? {}, (v) => { state.parameters[place] = v; changed(); },
        { name: "the " + place, path: shape.path, pointer: "" }));
  }
}

function media() {
  const list = shape.operation.body ?? [];
  return list.find((m) => m.mediaType === state.mediaType) ?? list[0];
}

function drawForm() {
  const m = media();
  by("form").replaceChildren();
  if (!m) return;
  if (!m.schema) {
    state.body ??= "";
    by("form").append(editor({ types: ["string"] }, state.body, set, { name: "the body", path: shape.path, pointer: "", label: "body" }));
    return;
  }
  by("form").append(editor(m.schema, state.body, set, { name: "the body", path: m.schema.component ?? shape.path, pointer: "" }));
  function set(v) { state.body = v; changed(); }
}

function showTab(name) {
  if (name === "form" && state.text !== null) {
    try {
      const body = state.text.trim() === "" ? undefined : parse(state.text);
      if (body !== undefined && !keeps(state.text, body)) throw new Error("a name stands twice in an object, or a number has too many digits for this browser");
      state.body = body;
    } catch (err) {
      by("verdict").replaceChildren(element("p", { class: "problem" }, "The form cannot show this: " + err.message));
      return;
    }
    state.text = null;
    drawForm();
  } else if (name === "json" && state.text === null) {
    state.text = state.body === undefined ? "" : JSON.stringify(state.body, null, 2);
    by("text").value = state.text;
  }
  by("form").hidden = name !== "form";
  by("json").hidden = name !== "json";
  by("tab-form").setAttribute("aria-selected", name === "form");
  by("tab-json").setAttribute("aria-selected", name === "json");
  changed();
}

// The response.

const maxEvents = 1000; // lines of the list; the object beside it has all of them

function clear() {
  for (const name of ["events-box", "object-box", "findings-box", "headers-box"]) by(name).hidden = true;
  by("events").replaceChildren();
  by("findings").replaceChildren();
  by("media-out").replaceChildren();
  URL.revokeObjectURL(address); // else the browser keeps the bytes as long as the page is open
}

async function send() {
  if (calls) return;
  clear();
  const what = asked();
  const call = calls = new AbortController();
  by("send").disabled = true;
  by("stop").hidden = false;
  status("Sent …");
  const seen = { events: 0, findings: 0, status: 0, failed: false };
  try {
    const r = await post("/send", what, call.signal);
    if (!r.ok) await read(r);
    for await (const line of lines(r.body)) show(line, seen);
    if (!seen.failed) status(`Status ${seen.status}, ${seen.millis} ms` + (seen.events ? `, ${seen.events} events` : ""));
  } catch (err) {
    status(call.signal.aborted ? "Stopped." : "Failed: " + err.message);
    seen.failed = true;
  }
  drawEvents();
  calls = undefined;
  by("send").disabled = false;
  by("stop").hidden = true;
  remember(what, seen);
}

async function* lines(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = [];
  for (;;) {
    const { value, done } = await reader.read();
    if (done) break;
    if (!value.includes("\n")) { // a long line comes in many pieces
      rest.push(value);
      continue;
    }
    const parts = value.split("\n");
    parts[0] = rest.join("") + parts[0];
    rest = [parts.pop()];
    for (const part of parts) yield parse(part);
  }
  if (rest.join("")) yield parse(rest.join(""));
}

function status(text) {
  by("status").textContent = text;
}

let waiting = []; // events to be drawn with the next frame

// later draws events together: each by itself would take the time of a whole layout.
function later(line, number) {
  if (waiting.length === 0) requestAnimationFrame(drawEvents);
  waiting.push([line, number]);
  if (waiting.length > 2 * maxEvents) waiting = waiting.slice(-maxEvents); // nobody is looking
}

function drawEvents() {
  if (waiting.length === 0) return;
  const list = by("events");
  by("events-box").hidden = false;
  by("count").textContent = waiting.at(-1)[1];
  const end = list.scrollTop + list.clientHeight >= list.scrollHeight - 5; // who reads further up stays there
  list.append(...waiting.splice(0).slice(-maxEvents).map(([line, number]) =>
    element("li", { value: number }, element("b", {}, line.type ?? ""), " ", JSON.stringify(line.data))));
  while (list.children.length > maxEvents) list.firstChild.remove();
  if (end) list.scrollTop = list.scrollHeight;
}

function show(line, seen) {
  seen.millis = line.ms;
  switch (line.kind) {
    case "response":
      seen.status = line.status;
      showHeaders(line);
      status(`Status ${line.status}, the first byte after ${line.ms} ms`);
      break;
    case "event":
      seen.events++;
      later(line, seen.events);
      showFindings(line.findings, seen);
      break;
    case "object":
      by("object-box").hidden = false;
      showObject(JSON.stringify(line.data, null, 2));
      break;
    case "findings":
      showFindings(line.findings, seen);
      break;
    case "bytes":
      showBytes(line);
      break;
    case "error":
      seen.failed = true;
      seen.status = line.status ?? 0;
      if (line.header) showHeaders(line);
      status("Error: " + line.message);
      break;
  }
}

const maxShown = 300000; // characters of an object: the browser lays all of them out

function showObject(text) {
  by("object").textContent = text.slice(0, maxShown);
  by("object-save").replaceChildren();
  if (text.length > maxShown) {
    by("object-save").append(`The first ${maxShown} of ${text.length} characters. `, element("button", {
      type: "button", onclick: () => {
        const link = element("a", { href: URL.createObjectURL(new Blob([text], { type: "application/json" })), download: id + ".json" });
        link.click();
        URL.revokeObjectURL(link.href);
      },
    }, "Save all"));
  }
}

function showHeaders(line) {
  by("headers-box").hidden = false;
  by("headers").textContent = Object.entries(line.header ?? {}).sort().map(([k, v]) => k + ": " + v).join("\n");
}

function showFindings(findings, seen) {
  if (!findings?.length) return;
  by("findings-box").hidden = false;
  seen.findings += findings.length;
  by("found").textContent = seen.findings;
  for (const f of findings) {
    if (by("findings").children.length < 200) by("findings").append(element("li", {}, (f.pointer || "/") + ": " + f.message));
  }
}

let address; // of the bytes that are shown

function showBytes(line) {
  const mediaType = line.mediaType ?? "";
  if (!line.bytes) {
    by("media-out").append(element("p", { class: "quiet" }, "The response is empty."));
    return;
  }
  const bytes = Uint8Array.from(atob(line.bytes), (c) => c.charCodeAt(0));
  address = URL.createObjectURL(new Blob([bytes], { type: mediaType }));
  const out = by("media-out");
  if (mediaType.startsWith("image/") && !mediaType.includes("svg")) out.append(element("img", { src: address, alt: "The image of the response" }));
  else if (mediaType.startsWith("audio/")) out.append(element("audio", { src: address, controls: true }));
  else if (mediaType.startsWith("text/")) out.append(element("pre", { tabindex: 0 }, new TextDecoder().decode(bytes.slice(0, 100000))));
  const name = id + "." + (mediaType.split("/")[1] ?? "bin").split(/[;+]/)[0];
  out.append(element("p", {}, element("a", { href: address, download: name }, `Save ${bytes.length} bytes of ${mediaType || "no media type"}`), line.truncated ? " (cut off: too long for the page)" : ""));
}

// The history is kept by the browser, without files.

const historyKey = "opcall-history:" + prefix;
const maxHistory = 30;

function history() {
  try {
    return JSON.parse(localStorage.getItem(historyKey)) ?? [];
  } catch {
    return [];
  }
}

function remember(what, seen) {
  const entry = { ...what, body: withFiles(what.body, () => ""), at: Date.now(), status: seen.status, failed: seen.failed };
  const list = [entry, ...history()].slice(0, maxHistory);
  for (const part of [list, list.slice(0, 3).map((e) => ({ ...e, body: null })), []]) { // what there is room for
    try {
      localStorage.setItem(historyKey, JSON.stringify(part));
      break;
    } catch {} // too much of it
  }
  drawHistory();
}

function drawHistory() {
  by("history").replaceChildren(...history().map((entry) => element("li", {}, element("button", {
    type: "button", onclick: () => {
      if (entry.operation !== id) {
        sessionStorage.setItem("opcall-again", JSON.stringify(entry));
        location.href = prefix + "/operation/" + entry.operation.split("/").map(encodeURIComponent).join("/");
      } else again(entry);
    },
  }, `${new Date(entry.at).toLocaleTimeString()} ${entry.operation} ${entry.failed ? "✗" : "✓"} ${entry.status || ""}`))));
}

function again(entry) {
  state.parameters = entry.parameters ?? {};
  state.mediaType = entry.mediaType;
  state.text = entry.body ?? "";
  by("text").value = state.text;
  by("media").value = media()?.mediaType;
  if (by("stream")) by("stream").checked = entry.stream;
  if ([...by("target").options].some((o) => o.value === entry.target)) by("target").value = entry.target;
  drawParameters();
  showTab("form");
  if (state.text !== null) showTab("json"); // what no form can show
}

export async function startDesk() {
  try {
    shape = await loadOperation(id);
  } catch (err) {
    status("The form could not be loaded: " + err.message);
    return;
  }
  const list = shape.operation.body ?? [];
  if (list.length > 1) {
    state.mediaType = list[0].mediaType;
    by("media-label").hidden = false;
    by("media").replaceChildren(...list.map((m) => element("option", { value: m.mediaType }, m.mediaType)));
    by("media").addEventListener("change", () => {
      state.mediaType = by("media").value;
      state.body = media().schema ? skeleton(media().schema) : "";
      state.text = null;
      drawForm();
      showTab("form");
    });
  }
  if (list.length === 0) document.querySelector("#desk [role=tablist]").hidden = true;
  const sample = desk.dataset.sample;
  if (sample) state.body = parse(sample);
  drawParameters();
  drawForm();
  drawHistory();
  by("tab-form").addEventListener("click", () => showTab("form"));
  by("tab-json").addEventListener("click", () => showTab("json"));
  document.querySelector("#desk [role=tablist]").addEventListener("keydown", (event) => {
    if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
    const other = by(document.activeElement === by("tab-form") ? "tab-json" : "tab-form");
    other.focus();
    other.click();
  });
  by("text").addEventListener("input", () => { state.text = by("text").value; changed(); });
  by("send").addEventListener("click", send);
  by("stop").addEventListener("click", () => calls?.abort());
  by("stream")?.addEventListener("change", changed);
  by("language").addEventListener("change", () => { localStorage.setItem("opcall-language", by("language").value); showCode(codes); });
  by("copy").addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(by("code").textContent); // there is none without TLS, but for a loopback address
      by("copied").textContent = "Copied.";
    } catch {
      getSelection().selectAllChildren(by("code"));
      by("copied").textContent = "Selected: press Ctrl C.";
    }
  });
  by("forget").addEventListener("click", () => { localStorage.removeItem(historyKey); drawHistory(); });
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key === "Enter") { event.preventDefault(); send(); }
  });
  const kept = sessionStorage.getItem("opcall-again");
  if (kept) {
    sessionStorage.removeItem("opcall-again");
    const entry = JSON.parse(kept);
    if (entry.operation === id) again(entry);
  }
  desk.dataset.ready = "true";
  check();
}
