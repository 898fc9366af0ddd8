// Small comforts. Without this file every page works the same, with plainer fields.
"use strict";

// The browser knows its time zone; the reader should not have to look for it in a list.
function guessZone(form) {
  const field = form.querySelector("[name=timezone]");
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (!field || !zone) return;
  if (field.type === "hidden") field.value = zone;
  else if (field.value === "UTC" && [...field.options].some((o) => o.value === zone)) field.value = zone;
}

// A comma ends a topic, but not within quotes.
function splitTopics(text) {
  const found = text.match(
    /(?:"[^"\n]*"|“[^”\n]*”|[^,\n]|(?<=\d),(?=\d{3}(?!\d)|\d+(?:,\d+)*'?-)|(?<=\bN),(?=N\b))+/g,
  ) || [];
  return once(found.map((topic) => topic.trim()).filter(Boolean));
}

// The first of those that mean the same: capitals within a word count, so RAG and rag are two.
function once(topics) {
  const found = new Map();
  for (const topic of topics) {
    const meaning = topic.replace(/[\p{L}\p{N}]+/gu, (word) => {
      const one = word.replace(/(\p{Lu})s$/u, "$1");
      return /.\p{Lu}/u.test(one) ? one : word.toLowerCase();
    });
    if (!found.has(meaning)) found.set(meaning, topic);
  }
  return [...found.values()];
}

// The sentence that a page gives in its own language, with these values in it.
function fill(sentence, values) {
  return sentence.replace(/%\((\w+)\)s/g, (_, name) => values[name]);
}

// A text area of topics becomes chips with one line to type in; it still carries the value.
function makeChips(area) {
  const chips = document.createElement("ul");
  const line = document.createElement("input");
  const frame = document.createElement("div");
  const list = document.createElement("div");
  let topics = splitTopics(area.value);

  frame.className = "chips";
  chips.setAttribute("aria-label", area.dataset.chosen);
  list.className = "unseen";
  list.setAttribute("aria-live", "polite");
  line.type = "text";
  line.id = area.id;
  line.autocomplete = "off";
  line.enterKeyHint = "done";
  for (const name of ["aria-describedby", "aria-invalid"]) {
    if (area.hasAttribute(name)) line.setAttribute(name, area.getAttribute(name));
  }
  area.removeAttribute("id");
  area.required = false;
  area.hidden = true;
  area.after(frame, list);
  frame.append(chips, line);
  frame.addEventListener("click", (event) => { if (event.target === frame) line.focus(); });

  function show(message) {
    const before = area.value;
    area.value = [...topics, ...splitTopics(line.value)].join("\n");
    if (area.value !== before) area.dispatchEvent(new Event("topics", { bubbles: true }));
    chips.replaceChildren(...topics.map((topic, place) => chip(topic, place)));
    line.placeholder = topics.length ? "" : area.dataset.chips;
    if (message) list.textContent = message;
    area.dispatchEvent(new Event("change", { bubbles: true }));
  }

  function chip(topic, place) {
    const item = document.createElement("li");
    const button = document.createElement("button");
    button.type = "button";
    button.setAttribute("aria-label", fill(area.dataset.remove, { topic }));
    button.textContent = "×";
    button.addEventListener("click", () => { remove(place); line.focus(); });
    item.append(document.createTextNode(topic), button);
    return item;
  }

  function remove(place) {
    const [topic] = topics.splice(place, 1);
    show(fill(area.dataset.removed, { topic }));
  }

  function add(text) {
    const fresh = once([...topics, ...splitTopics(text)]).slice(topics.length);
    topics = [...topics, ...fresh];
    line.value = "";
    show(fresh.length ? fill(area.dataset.added, { topics: fresh.join(", ") }) : "");
  }
  const addLine = () => add(line.value);

  // A narrower phrase takes the place of the topic it was offered for.
  area.addEventListener("swap-topic", ({ detail }) => {
    addLine();
    topics = topics.map((topic) => (topic === detail.old ? detail.fresh : topic));
    topics = once(topics);
    show(fill(area.dataset.swapped, detail));
  });

  // 1,2-dichloroethane: behind a digit what comes next tells whether the comma ends the topic.
  const mayGoOn = () => /(?:\d|\bN),?$/.test(line.value);
  const isQuoteOpen = () => (line.value.match(/"/g) || []).length % 2 === 1;
  line.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "Enter" && line.value.trim()) { event.preventDefault(); addLine(); }
    if (event.key === "," && !isQuoteOpen() && !mayGoOn()) { event.preventDefault(); addLine(); }
    if (event.key === "Backspace" && !line.value && topics.length) remove(topics.length - 1);
  });
  line.addEventListener("paste", (event) => {
    const text = event.clipboardData.getData("text");
    if (!/[,\n]/.test(text)) return;
    event.preventDefault();
    add(`${line.value}${text}`);
  });
  line.addEventListener("input", () => { if (/,\s*$/.test(line.value) && !isQuoteOpen() && !mayGoOn()) addLine(); else show(""); });
  line.addEventListener("blur", addLine);
  area.form.addEventListener("submit", addLine);
  // After "back" the browser has put the text into its field again, behind our back.
  window.addEventListener("pageshow", () => { topics = splitTopics(area.value); show(""); });
  // Pressing a chip must not leave the line first: its chips would be made anew under the pointer.
  chips.addEventListener("mousedown", (event) => event.preventDefault());
  show("");
}

// The topics that the preview has answered with a sentence: nothing comes of them.
function refused(form) {
  return new Set([...form.querySelectorAll(".tried .bad")].map((row) => row.dataset.topic));
}

// What they will get, said below the box as they type.
function keepPromise(form) {
  const promise = form.querySelector("[data-promise]");
  const area = form.querySelector("textarea[name=topics]");
  if (!promise || !area) return;
  const words = document.createElement("span");
  const sentences = JSON.parse(promise.dataset.promise);
  promise.firstChild.replaceWith(words, " ");
  const wish = (name) => form.querySelector(`[name=${name}]`);
  const say = () => {
    const topics = splitTopics(area.value).filter((topic) => !refused(form).has(topic));
    const zone = wish("timezone").value.replace(/^.*\//, "").replace(/_/g, " ");
    const often = wish("cadence")?.selectedOptions?.[0]?.text || sentences.often;
    const hour = wish("send_hour")?.value || 8;
    const most = wish("max_papers")?.value || 10;
    const on = topics.length > 3 ? "many" : topics.length ? "topics" : "";
    const sentence = sentences[[zone ? "zone" : "", on].filter(Boolean).join(" ")];
    words.textContent = fill(sentence, { often, hour, zone, most, topics: topics.join(", "), count: topics.length });
  };
  form.addEventListener("change", say);
  form.addEventListener("htmx:afterSwap", say);
  say();
}

// The live preview: htmx asks the server what these topics bring. It is loaded only where somebody
// is about to type, and is told to add no style of its own and to run no text as a program.
function loadPreview(place) {
  // It starts by itself only in a document that is complete.
  if (document.readyState !== "complete") {
    window.addEventListener("load", () => loadPreview(place), { once: true });
    return;
  }
  if (document.querySelector("meta[name=htmx-config]")) return;
  const config = document.createElement("meta");
  const script = document.createElement("script");
  config.name = "htmx-config";
  config.content = JSON.stringify({
    includeIndicatorStyles: false, allowEval: false, allowScriptTags: false, historyEnabled: false,
    responseHandling: [{ code: "[23]..", swap: true }, { code: "429", swap: true }, { code: "...", swap: false, error: true }],
  });
  script.src = place.dataset.htmx;
  document.head.append(config, script);
}

function watchPreview(place) {
  const form = place.closest("form");
  const area = form.querySelector("textarea[data-chips]");
  for (const plain of form.querySelectorAll("[data-without-script]")) plain.hidden = true;
  if ("atOnce" in place.dataset) loadPreview(place);
  else form.addEventListener("focusin", () => loadPreview(place), { once: true });
  place.addEventListener("click", (event) => {
    const offer = event.target.closest("[data-instead-of]");
    if (!offer) return;
    event.preventDefault();
    const detail = { old: offer.dataset.insteadOf, fresh: offer.dataset.with };
    area.dispatchEvent(new CustomEvent("swap-topic", { detail }));
  });
  place.addEventListener("htmx:afterSwap", () => {
    showSample(place);
    if (place.querySelector("[data-waiting]")) area.dispatchEvent(new Event("topics", { bubbles: true }));
    const bad = refused(form);
    for (const chip of area.nextElementSibling.querySelectorAll("li")) {
      chip.classList.toggle("bad", bad.has(chip.firstChild.data));
    }
  });
  place.addEventListener("click", copyAddress);
  form.addEventListener("change", () => showSample(place));
}

// The address of a set is copied, for a mail to the others in the lab.
async function copyAddress(event) {
  const link = event.target.closest("[data-share]");
  if (!link || !navigator.clipboard) return;
  event.preventDefault();
  try {
    await navigator.clipboard.writeText(link.href);
    link.textContent = link.dataset.share;
  } catch {
    location.assign(link.href);
  }
}

// When the digest should come and how long it may be, as the sign-up form says.
function schedule() {
  const form = new FormData(document.querySelector("form[data-sign-up]"));
  const names = ["cadence", "send_hour", "timezone", "max_papers"];
  return new URLSearchParams(names.filter((name) => form.get(name)).map((name) => [name, form.get(name)]));
}

// The frame goes on showing the last digest until the next one has come.
function showSample(place) {
  const frame = document.querySelector("iframe[data-sample]");
  const link = place.querySelector("[data-letter]");
  if (!frame) return;
  const address = link && `${link.dataset.letter}&${schedule()}`;
  if (link && frame.getAttribute("src") !== address) {
    frame.src = address;
    frame.parentElement.classList.add("setting");
    frame.addEventListener("load", () => frame.parentElement.classList.remove("setting"), { once: true });
  }
  frame.hidden = !link;
  frame.previousElementSibling.hidden = !!link;
}

for (const form of document.querySelectorAll("[data-sign-up]")) guessZone(form);
for (const area of document.querySelectorAll("textarea[data-chips]")) makeChips(area);
for (const form of document.querySelectorAll("[data-sign-up]")) keepPromise(form);
for (const place of document.querySelectorAll("[data-htmx]")) watchPreview(place);
