package browser_test

import (
	"context"
	"errors"
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/client/clienttest"
	"github.com/opcall/opcall/client/explorer"
)

// deadline bounds a test that waits for the page in vain.
const deadline = 2 * time.Minute

// chromium returns the program of the browser.
func chromium(tb testing.TB) string {
	tb.Helper()
	names := []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"}
	if name := os.Getenv("OPCALL_CHROMIUM"); name != "" {
		names = []string{name}
	}
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	tb.Fatalf("no browser: none of %s is a program; install Chromium, or name it with OPCALL_CHROMIUM", strings.Join(names, ", "))
	return ""
}

// tab is an open page, and what went wrong in it.
type tab struct {
	ctx    context.Context
	tb     testing.TB
	origin string
	mu     sync.Mutex
	urls   []string // of all requests
	errors []string // of scripts, of the console
}

func open(t *testing.T) *tab {
	t.Helper()
	server := clienttest.NewServer(t)
	api, err := client.New(client.WithoutEnvironment(), client.WithAPIKey("sk-not-for-the-page-0123456789"))
	if err != nil {
		t.Fatal(err)
	}
	e, err := explorer.New(api, explorer.WithTestServer(server.Client()))
	if err != nil {
		t.Fatal(err)
	}
	host := httptest.NewServer(e)
	t.Cleanup(host.Close)
	profile, group := browserProfile(t)
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(chromium(t)), chromedp.NoSandbox, chromedp.WindowSize(1400, 1000), chromedp.UserDataDir(profile), group)
	allocator, stop := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(stop)
	ctx, closeTab := chromedp.NewContext(allocator)
	t.Cleanup(func() {
		_ = chromedp.Cancel(ctx) // waits for the browser to end
		closeTab()
	})
	ctx, cancel := context.WithTimeout(ctx, deadline)
	t.Cleanup(cancel)
	b := &tab{ctx: ctx, tb: t, origin: host.URL}
	chromedp.ListenTarget(ctx, func(event any) {
		b.mu.Lock()
		defer b.mu.Unlock()
		switch event := event.(type) {
		case *network.EventRequestWillBeSent:
			b.urls = append(b.urls, event.Request.URL)
		case *runtime.EventExceptionThrown:
			b.errors = append(b.errors, event.ExceptionDetails.Error())
		case *runtime.EventConsoleAPICalled:
			if event.Type == runtime.APITypeError {
				b.errors = append(b.errors, fmt.Sprint(event.Args))
			}
		}
	})
	t.Cleanup(func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		for _, text := range b.errors {
			t.Errorf("the page reported: %s", text)
		}
		for _, url := range b.urls {
			if !strings.HasPrefix(url, host.URL+"/") && !strings.HasPrefix(url, "data:") && !strings.HasPrefix(url, "blob:"+host.URL) && url != "about:blank" {
				t.Errorf("the page asked another host: %s", url)
			}
		}
		if len(b.urls) < 3 {
			t.Errorf("%d requests were seen, want those of the page, its style and its scripts", len(b.urls))
		}
	})
	b.run("the start", chromedp.Navigate(host.URL+e.Start()), chromedp.WaitVisible("h1"))
	return b
}

func (b *tab) run(what string, actions ...chromedp.Action) {
	b.tb.Helper()
	if err := chromedp.Run(b.ctx, actions...); err != nil {
		b.tb.Fatalf("%s: %v", what, err)
	}
}

// eventually waits until an expression of JavaScript is true, on this page or the next.
func (b *tab) eventually(what, expression string) {
	b.tb.Helper()
	var ok bool
	var err error
	for range 3 { // a page that is being left takes its scripts with it
		if err = chromedp.Run(b.ctx, chromedp.Poll(expression, &ok, chromedp.WithPollingTimeout(20*time.Second))); err == nil || errors.Is(err, chromedp.ErrPollingTimeout) {
			break
		}
	}
	if err != nil {
		var state string
		_ = chromedp.Run(b.ctx, chromedp.Evaluate("document.body.innerText.slice(0, 2000)", &state))
		b.tb.Fatalf("%s: %v, the page says:\n%s", what, err, state)
	}
}

// typed puts a text into a control, as if it had been typed there.
func typed(selector, text string) chromedp.Action {
	script := fmt.Sprintf("{ const e = document.querySelector(%q); e.focus(); e.value = %q; e.dispatchEvent(new Event('input', {bubbles: true})); }", selector, text)
	return chromedp.Evaluate(script, nil)
}

// text is what an element shows, asked in one step: a page may be drawn anew between two.
func (b *tab) text(selector string) string {
	b.tb.Helper()
	var text string
	b.run("the text of "+selector, chromedp.Evaluate(fmt.Sprintf(`document.querySelector(%q).innerText`, selector), &text))
	return text
}

func (b *tab) value(selector string) string {
	b.tb.Helper()
	var text string
	b.run("the value of "+selector, chromedp.Value(selector, &text))
	return text
}

func (b *tab) operation(id string) {
	b.tb.Helper()
	b.run(id, chromedp.Navigate(b.origin+"/operation/"+id), chromedp.WaitVisible(`#desk[data-ready=true]`))
	b.eventually("the first verdict", `document.querySelector("#verdict").innerText !== ""`)
}

func TestSearchLeadsToOperationsAndComponents(t *testing.T) {
	b := open(t)
	b.run("Ctrl K", chromedp.KeyEvent("k", chromedp.KeyModifiers(2)), chromedp.WaitVisible("#query"), chromedp.SendKeys("#query", "chat compl create"))
	b.eventually("the hits", `document.querySelector("#hits [aria-selected=true]")?.innerText.includes("createChatCompletion")`)
	b.run("Enter", chromedp.SendKeys("#query", kb.Enter), chromedp.WaitVisible(`#desk[data-operation=createChatCompletion][data-ready=true]`))

	b.run("the slash", chromedp.KeyEvent("/"), chromedp.WaitVisible("#query"), typed("#query", "createembeddingrequest"))
	b.eventually("the component", `document.querySelector("#hits [aria-selected=true]")?.innerText.includes("CreateEmbeddingRequest")`)
	b.run("Enter", chromedp.SendKeys("#query", kb.Enter))
	b.eventually("the page of the component", `document.querySelector("h1").innerText === "CreateEmbeddingRequest"`)
	if text := b.text("#main"); !strings.Contains(text, "up to 2,048 texts") {
		t.Errorf("the component does not say what its fields are for:\n%s", text)
	}
}

func TestVerdictFollowsWhatIsTyped(t *testing.T) {
	b := open(t)
	b.operation("createChatCompletion")
	b.eventually("a valid sample", `document.querySelector("#verdict").innerText.includes("Valid")`)
	b.run("JSON", chromedp.Click("#tab-json"), chromedp.WaitVisible("#text"),
		typed("#text", `{"model":"gpt-5-mini","messages":[{"role":"user","content":"Hello"}],"temprature":1}`))
	b.eventually("the misspelling", `document.querySelector("#verdict").innerText.includes("temperature")`)
	b.run("the form", chromedp.Click("#tab-form"), chromedp.WaitVisible(`#form [data-pointer="/temprature"]`))
	b.eventually("the row is marked", `document.querySelector('#form [data-pointer="/temprature"]').classList.contains("wrong")`)
	b.run("remove it", chromedp.Click(`#form [data-pointer="/temprature"] .remove`, chromedp.ByQuery))
	b.eventually("the valid form", `document.querySelector("#verdict").innerText.includes("Valid")`)

	b.run("add a field", chromedp.SetValue(`#form select[aria-label="Add a field to the body"]`, "temperature", chromedp.ByQuery),
		chromedp.Evaluate(`document.querySelector('#form select[aria-label="Add a field to the body"]').dispatchEvent(new Event("change"))`, nil),
		chromedp.WaitVisible(`#form [data-pointer="/temperature"] input`), typed(`#form [data-pointer="/temperature"] input`, "3"))
	b.eventually("the bound", `document.querySelector("#verdict").innerText.includes("/temperature")`)

	b.run("the code", chromedp.Click("#code-box summary"), chromedp.WaitVisible("#code"))
	b.eventually("the code of the command", `document.querySelector("#code").innerText.includes("opcall call createChatCompletion")`)
	b.run("curl", chromedp.SetValue("#language", "curl"), chromedp.Evaluate(`document.querySelector("#language").dispatchEvent(new Event("change"))`, nil))
	b.eventually("the code of curl", `document.querySelector("#code").innerText.includes("$OPENAI_API_KEY")`)
}

func TestFormAndJSONLoseNothing(t *testing.T) {
	b := open(t)
	b.operation("createChatCompletion")
	const body = `{"model":"m","messages":[{"role":"user","content":"\ud800"}],"seed":1234567890123456789,"temperature":0.12345678901234567890,"__proto__":{"x":1e400},"":[null]}`
	b.run("JSON", chromedp.Click("#tab-json"), chromedp.WaitVisible("#text"), typed("#text", body),
		chromedp.Click("#tab-form"), chromedp.WaitVisible(`#form [data-pointer="/seed"] input`))
	b.eventually("the digits", `document.querySelector('#form [data-pointer="/seed"] input').value === "1234567890123456789"`)
	b.run("JSON", chromedp.Click("#tab-json"), chromedp.WaitVisible("#text"))
	if got := strings.ReplaceAll(strings.ReplaceAll(b.value("#text"), " ", ""), "\n", ""); got != body {
		t.Errorf("got back\n%s, want\n%s", got, body)
	}
	b.run("a name twice", typed("#text", `{"model":"a","model":"b"}`), chromedp.Click("#tab-form"))
	b.eventually("the form says why not", `!document.querySelector("#json").hidden && document.querySelector("#verdict").innerText.includes("twice")`)

	b.run("150 mistakes", typed("#text", `{"model":"m","messages":[`+strings.Repeat(`{"role":"user"},`, 149)+`{"role":"user"}]}`))
	b.eventually("their number", `document.querySelector("#verdict").innerText.includes("150 problems") && document.querySelectorAll("#verdict li").length === 101`)

	b.run("a long list", chromedp.Evaluate(`{
		const text = document.querySelector("#text");
		text.value = JSON.stringify({model: "m", messages: Array(2000).fill({role: "user", content: "x"})});
		text.dispatchEvent(new Event("input"));
	}`, nil), chromedp.Click("#tab-form"), chromedp.WaitVisible(`#form [data-pointer="/messages/49"]`))
	b.eventually("a part of it", `document.querySelector("#form").innerText.includes("50 of 2000 are shown") && !document.querySelector('#form [data-pointer="/messages/50"]')`)
}

func TestBranchesOfUnionsArePicked(t *testing.T) {
	b := open(t)
	b.operation("createChatCompletion")
	pick := `#form [data-pointer="/messages/0"] select[aria-label^="Branch of"]`
	b.run("the branch", chromedp.WaitVisible(pick),
		chromedp.Evaluate(`(() => { const s = document.querySelector('`+pick+`'); s.value = [...s.options].find((o) => o.text === "tool").value; s.dispatchEvent(new Event("change")); })()`, nil))
	b.run("the fields of the branch", chromedp.WaitVisible(`#form [data-pointer="/messages/0/tool_call_id"]`))
	b.run("JSON", chromedp.Click("#tab-json"))
	b.eventually("the tag", `JSON.parse(document.querySelector("#text").value).messages[0].role === "tool"`)
}

func TestStreamIsShownAsItComes(t *testing.T) {
	b := open(t)
	b.operation("createChatCompletion")
	b.run("as a stream", chromedp.Click("#stream"), chromedp.Click("#send"))
	b.eventually("the end", `document.querySelector("#status").innerText.includes("events")`)
	b.eventually("the events", `document.querySelectorAll("#events li").length >= 3`)
	b.eventually("the object", `JSON.parse(document.querySelector("#object").innerText).object === "chat.completion"`)

	b.operation("createEmbedding")
	b.run("the history", chromedp.Click("#history-box summary"), chromedp.WaitVisible("#history button"))
	if text := b.text("#history"); !strings.Contains(text, "createChatCompletion") {
		t.Errorf("the history does not have the call: %q", text)
	}
	b.run("again", chromedp.Click("#history button", chromedp.ByQuery), chromedp.WaitVisible(`#desk[data-operation=createChatCompletion][data-ready=true]`))
	b.eventually("the stream is asked for again", `document.querySelector("#stream").checked`)
}

func TestErrorsAndDownloadsAreShown(t *testing.T) {
	b := open(t)
	b.operation("createSpeech")
	b.run("send", chromedp.Click("#send"), chromedp.WaitVisible("#media-out a[download]"))
	b.operation("createEmbedding")
	b.run("a wrong body", chromedp.Click("#tab-json"), typed("#text", `{"model":1}`), chromedp.Click("#send"))
	b.eventually("the error", `document.querySelector("#status").innerText.startsWith("Error:")`)
}

// unnamed lists what a screen reader has no name for.
const unnamed = `[...document.querySelectorAll("button, input, select, textarea, a[href]")].filter((e) => e.offsetParent !== null).filter((e) => {
	const labels = e.labels ? [...e.labels].map((l) => l.textContent).join("") : "";
	return !(e.getAttribute("aria-label") || labels.trim() || e.textContent.trim() || e.title);
}).map((e) => e.outerHTML.slice(0, 200))`

// faint lists texts whose contrast with what is behind them is below 4.5 (WCAG 2.2, 1.4.3).
const faint = `(() => {
	const numbers = (c) => c.match(/[\d.]+/g).map(Number);
	const light = ([r, g, b]) => [r, g, b].map((v) => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4).reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
	const behind = (e) => { for (; e; e = e.parentElement) { const c = numbers(getComputedStyle(e).backgroundColor); if (c.length < 4 || c[3] > 0) return c; } return [255, 255, 255]; };
	return [...document.querySelectorAll("body *")].filter((e) => e.offsetParent !== null && [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim())).map((e) => {
		const [a, b] = [light(numbers(getComputedStyle(e).color)), light(behind(e))].sort((x, y) => y - x);
		return [(a + 0.05) / (b + 0.05), e.tagName + "." + e.className + ": " + e.innerText.slice(0, 40)];
	}).filter(([ratio]) => ratio < 4.5).map(([ratio, text]) => ratio.toFixed(2) + " " + text);
})()`

func TestPageIsReadableInBothThemes(t *testing.T) {
	b := open(t)
	pictures := os.Getenv("OPCALL_SCREENSHOTS")
	for _, theme := range []string{"light", "dark"} {
		for _, path := range []string{"/", "/operation/createResponse", "/component/CreateResponse"} {
			b.run(path, emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: theme}}),
				chromedp.Navigate(b.origin+path), chromedp.WaitVisible("h1"))
			if strings.HasPrefix(path, "/operation/") {
				b.run(path, chromedp.WaitVisible(`#desk[data-ready=true]`), chromedp.Click("#send"))
				b.eventually("the response", `document.querySelector("#object").innerText !== ""`)
			}
			var nameless, pale []string
			var background string
			b.run(path, chromedp.Evaluate(unnamed, &nameless), chromedp.Evaluate(faint, &pale),
				chromedp.Evaluate(`getComputedStyle(document.body).backgroundColor`, &background))
			for _, e := range nameless {
				t.Errorf("%s, %s: no accessible name: %s", theme, path, e)
			}
			for _, e := range pale {
				t.Errorf("%s, %s: contrast %s", theme, path, e)
			}
			if (background == "rgb(255, 255, 255)") != (theme == "light") {
				t.Errorf("%s, %s: the background is %s", theme, path, background)
			}
			if pictures != "" {
				var png []byte
				b.run(path, chromedp.CaptureScreenshot(&png))
				name := filepath.Join(pictures, theme+strings.ReplaceAll(path, "/", "-")+".png")
				if err := os.WriteFile(name, png, 0o644); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	b.run("the theme", chromedp.Click("#theme"))
	b.eventually("the other theme", `document.documentElement.dataset.theme === "light" && getComputedStyle(document.body).backgroundColor === "rgb(255, 255, 255)"`)
	b.run("reload", chromedp.Reload(), chromedp.WaitVisible("h1"))
	b.eventually("the theme stays", `document.documentElement.dataset.theme === "light"`)
}

func TestPageWorksOnAPhone(t *testing.T) {
	b := open(t)
	b.run("a narrow window", chromedp.EmulateViewport(390, 844))
	for _, id := range []string{"createResponse", "createImageEdit"} {
		b.operation(id)
		b.eventually("nothing is wider than the window", `document.documentElement.scrollWidth <= innerWidth`)
		b.eventually("no control is wider than the page", `(() => {
			const main = document.querySelector("main");
			const end = main.getBoundingClientRect().right - parseFloat(getComputedStyle(main).paddingRight);
			return [...main.querySelectorAll("input, select, textarea, button, pre")].every((e) => e.getBoundingClientRect().right <= end + 1);
		})()`)
	}
}
