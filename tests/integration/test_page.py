#!/usr/bin/env python3
"""Tests the page in a browser against a running relmand and docker-registry. Needs Debian's chromium and the npm
packages of tests/contract. UPDATE_SCREENSHOTS=1 writes the pictures of doc/."""

import gzip
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.environ.get("SRCDIR", "."), "tests/lib"))
import relman  # noqa: E402
from docker_registry import DockerRegistry  # noqa: E402
from relman import SRCDIR, Site, document, documents, wait_for  # noqa: E402

MODULES = os.path.join(relman.BUILDDIR, "contract", "node_modules")
MARKUP = "<img src=x onerror=alert(1)><b>API</b>"
ALWAYS_CLOSED = "{deny: '2020-01-01..2099-12-31', zone: UTC, reason: freeze}"
PEOPLE = {"anna": "write", "bob": "write", "reader": "read"}


class Browser:
    """One browser for all tests, driven by tests/contract/browser.mjs. Each page has its own cookies."""

    def __init__(self, url):
        self.url, self.pages = url, set()
        self.process = subprocess.Popen(["node", os.path.join(SRCDIR, "tests/contract/browser.mjs"), MODULES, shutil.which("chromium")],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, preexec_fn=relman.die_with_parent)

    def run(self, page, code, **options):
        """Runs the body of an async function of page and options; returns its result."""
        self.pages.add(page)
        self.process.stdin.write(json.dumps({"page": page, "code": code, "options": options}) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        answer = json.loads(line) if line else {"error": "the browser has ended"}
        if "error" in answer:
            raise AssertionError(f"{code}: {answer['error']}")
        return answer["value"]

    def close(self):
        self.process.stdin.close()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()


class PageCase(unittest.TestCase):
    """One daemon, one registry and one browser for all tests of the class."""

    minor = 0

    @classmethod
    def setUpClass(cls):
        if not shutil.which("chromium") or not shutil.which("node"):
            raise unittest.SkipTest("no chromium or no node")
        if not os.path.isdir(os.path.join(MODULES, "playwright-core")) or not os.path.isdir(os.path.join(MODULES, "axe-core")):
            raise unittest.SkipTest("no npm packages in " + MODULES)
        cls.registry = DockerRegistry()
        cls.addClassCleanup(cls.registry.close)
        cls.site = Site()
        cls.addClassCleanup(cls.site.close)
        cls.tokens, cls.texts, cls.lines = os.path.join(cls.site.folder, "tokens"), {}, {}
        for name, role in PEOPLE.items():
            out = relman.relmanctl("token", name, "--role", role)[1].splitlines()
            cls.texts[name], cls.lines[name] = out[1], out[4]
        cls.write_tokens()
        for name in ("api", "web", "worker"):
            cls.registry.push("app/" + name, "v1.0.0")
        cls.registry.push("app/odd", "__proto__")
        cls.site.write("all.yaml", documents(*cls.specs(), registry=cls.registry, components=("web", "worker")))
        cls.port = relman.free_port()
        cls.start()
        cls.wait_deployed("shop-1", "dev", "staging")
        cls.browser = Browser(f"http://127.0.0.1:{cls.port}/")
        cls.addClassCleanup(cls.browser.close)

    @classmethod
    def specs(cls):
        own = f"imageRepository: {cls.registry.host}/app/"
        return [f"apiVersion: relman/v1\nkind: Component\nmetadata: {{name: api, displayName: '{MARKUP}', labels: {{team: '<i>red</i>'}}}}\n"
                f"spec: {{{own}api}}\n",
                document("Component", "odd", own + "odd, versioningStrategy: {type: lexical, tagPattern: '.*'}"),
                document("ReleaseStream", "shop", "components: [api, web, worker, odd], nameTemplate: '{stream}-{seq}', settle: 0s"),
                document("Environment", "dev", "stream: shop"), document("Environment", "staging", "follows: dev"),
                document("Environment", "prod", "stream: shop, promotesFrom: staging, approvals: 2"),
                document("Environment", "frozen", f"promotesFrom: staging, windows: [{ALWAYS_CLOSED}]"),
                document("Environment", "manual", "promotesFrom: staging, confirm: manual")]

    @classmethod
    def write_tokens(cls):
        with open(cls.tokens, "w") as f:
            f.write("".join(line + "\n" for line in cls.lines.values()))

    @classmethod
    def start(cls):
        cls.site.start("poll: {interval: 1h, jitter: 0%}\n"
                       f"api: {{socket: {cls.site.folder}/relmand.sock, listen: ['127.0.0.1:{cls.port}'], tokenFile: {cls.tokens}}}\n")

    @classmethod
    def call(cls, method, path, body=None, wanted=200):
        status, answer, _ = cls.site.call(method, "/api/v1/" + path, body)
        if status != wanted:
            raise AssertionError(f"{method} {path}: {status} {answer}")
        return answer

    @classmethod
    def wait_deployed(cls, release, *environments):
        for name in environments:
            wait_for(lambda: (cls.call("GET", "environments/" + name)["state"] or {}).get("release") == release
                     and cls.call("GET", "environments/" + name)["state"]["status"] == "deployed", 30, f"{release} in {name}")

    @classmethod
    def push(cls, component):
        """Pushes an image with the next version. Returns the version and its release when dev and staging have it."""
        cls.minor += 1
        version = f"1.{cls.minor}.0"
        digest = cls.registry.push("app/" + component, "v" + version)
        cls.call("POST", f"components/{component}/sync-versions", {})
        wait_for(lambda: any(c["digest"] == digest for c in cls.call("GET", "releases?pageSize=1")["data"][0]["components"]), 30, version)
        release = cls.call("GET", "releases?pageSize=1")["data"][0]["name"]
        cls.wait_deployed(release, "dev", "staging")
        return version, release

    def tearDown(self):
        """Closes the pages of the test. A script that failed or broke the policy is a fault."""
        faults = {page: self.run_on(page, "return page.faults") for page in sorted(self.browser.pages)}
        for page in sorted(self.browser.pages):
            self.run_on(page, "")
        self.browser.pages.clear()
        self.assertEqual({page: each for page, each in faults.items() if each}, {})

    def run_on(self, page, code, **options):
        return self.browser.run(page, code, **options)

    def open(self, person, view="#/matrix", page=None, **context):
        """Opens the page, logged in as a person, in a separate browser context; returns the page's name."""
        page = page or person
        self.run_on(page, """await page.goto(options.url);
            await page.getByLabel('Token').fill(options.token);
            await page.getByRole('button', { name: 'Log in' }).click();
            await page.locator('.live.live').waitFor();""", url=self.browser.url + view, token=self.texts[person], context=context)
        return page

    def wait_text(self, page, text, selector="body"):
        """Waits until an element contains a text."""
        self.run_on(page, "await page.locator(options.selector).filter({ hasText: options.text }).first().waitFor()", text=text, selector=selector)

    def text(self, page, selector):
        return self.run_on(page, "return page.locator(options.selector).first().innerText()", selector=selector)

    def act(self, page, environment, action):
        """Opens the drawer of an environment from the matrix, and chooses an action."""
        self.run_on(page, """await page.getByRole('button', { name: 'Actions for ' + options.environment, exact: true }).click();
            await page.getByRole('radio', { name: options.action }).check();""", environment=environment, action=action)

    def submit(self, page, name):
        self.run_on(page, "await page.locator('.drawer').getByRole('button', { name: options.name }).click()", name=name)

    def reason(self, page, text):
        self.run_on(page, "await page.locator('.drawer textarea').fill(options.text)", text=text)


class Login(PageCase):
    def test_a_wrong_token_is_refused_with_the_reason_of_the_api(self):
        self.run_on("x", """await page.goto(options.url);
            await page.getByLabel('Token').fill('nonsense');
            await page.keyboard.press('Enter');""", url=self.browser.url)
        self.wait_text("x", "token", "[role=alert]")

    def test_the_session_is_no_secret_of_scripts_and_ends_with_log_out(self):
        self.open("anna")
        self.assertEqual(self.run_on("anna", "return page.evaluate(() => document.cookie + JSON.stringify({ ...localStorage }))"), "{}")
        self.run_on("anna", "await page.reload(); await page.locator('.live.live').waitFor();")
        self.run_on("anna", "await page.getByRole('button', { name: 'Log out' }).click();")
        self.wait_text("anna", "You are logged out", ".login")
        self.run_on("anna", "await page.reload(); await page.getByLabel('Token').waitFor();")

    def test_a_revoked_token_leads_to_the_login(self):
        self.open("bob")
        self.addCleanup(self.write_tokens)
        self.addCleanup(self.lines.update, bob=self.lines.pop("bob"))
        self.write_tokens()
        self.call("POST", "environments/dev/hold", {"reason": "an event"})
        self.addCleanup(self.call, "POST", "environments/dev/resume")
        self.wait_text("bob", "The session has ended", ".login")


class Matrix(PageCase):
    def test_a_push_appears_without_reload(self):
        self.open("reader")
        self.run_on("reader", "await page.evaluate(() => { window.mark = 1; });")
        self.wait_text("reader", "1.0.0", "tbody tr")
        version, release = self.push("worker")
        self.wait_text("reader", version, "tbody tr")
        self.wait_text("reader", release, "thead th")
        self.assertEqual(self.run_on("reader", "return page.evaluate(() => window.mark)"), 1)

    def test_texts_of_specs_and_registries_stay_text(self):
        self.call("POST", "environments/staging/hold", {"reason": MARKUP})
        self.addCleanup(self.call, "POST", "environments/staging/resume")
        self.open("anna")
        self.wait_text("anna", MARKUP, "tbody th")
        self.wait_text("anna", "__proto__", "tbody td")
        self.assertEqual(self.run_on("anna", "return page.locator('main img, main b:text-is(\"API\"), main i').count()"), 0)
        self.act("anna", "staging", "Resume")
        self.wait_text("anna", MARKUP, ".drawer p")
        self.assertEqual(self.run_on("anna", "return page.locator('dialog img').count()"), 0)

    def test_filters_are_in_the_address(self):
        self.open("reader", "#/matrix?text=work")
        self.wait_text("reader", "1 component", ".corner")
        self.run_on("reader", """await page.getByLabel('Component', { exact: true }).fill('');
            await page.getByLabel('Environment', { exact: true }).fill('stag');
            await page.locator('thead th').nth(2).waitFor({ state: 'detached' });""")
        self.assertIn("environment=stag", self.run_on("reader", "return page.url()"))
        self.run_on("reader", "await page.getByRole('button', { name: 'Clear' }).click(); await page.locator('thead th').nth(4).waitFor();")

    def test_a_time_in_the_past_shows_what_was_deployed_then(self):
        self.wait_deployed(self.call("GET", "releases?pageSize=1")["data"][0]["name"], "dev")
        self.open("reader", "#/matrix?asOf=2020-01-01T00:00")
        self.wait_text("reader", "As of 2020-01-01 00:00", ".past")
        self.wait_text("reader", "empty", "thead th")
        self.assertEqual(self.run_on("reader", "return page.locator('tbody .is').count()"), 0)
        self.run_on("reader", "await page.getByRole('button', { name: 'Clear' }).click()")
        self.wait_text("reader", "1.0.0", "tbody td")

    def test_environments_stand_in_the_order_of_promotion(self):
        self.open("reader")
        names = self.run_on("reader", "return page.locator('.head .name').allInnerTexts()")
        self.assertLess(names.index("dev"), names.index("staging"))
        self.assertLess(names.index("staging"), names.index("frozen"))

    def test_the_page_recovers_when_the_daemon_restarts(self):
        self.open("reader")
        self.site.stop(seconds=30)
        try:
            self.wait_text("reader", "no connection", ".live")
        finally:
            self.start()
        self.run_on("reader", "await page.locator('.live.live').waitFor()")
        self.call("POST", "environments/dev/hold", {"reason": "after the restart"})
        self.addCleanup(self.call, "POST", "environments/dev/resume")
        self.wait_text("reader", "held", "thead .badge")


class Actions(PageCase):
    def test_closed_gates_show_the_reason_of_relmanctl_before_the_button(self):
        self.open("anna")
        self.act("anna", "frozen", "Promote")
        release = self.call("GET", "environments/staging")["state"]["release"]
        self.run_on("anna", "await page.getByLabel('Release', { exact: true }).fill(options.release); await page.keyboard.press('Tab');", release=release)
        self.wait_text("anna", "closed", ".gates li:has-text('windows')")
        r = subprocess.run([os.path.join(relman.BUILDDIR, "relmanctl"), "promote", release, "frozen"], capture_output=True, text=True, timeout=60,
                           env=dict(os.environ, RELMAN_SOCKET=self.site.socket))
        self.assertEqual(r.returncode != 0, True)
        refusal = re.sub(r"^relmanctl: ", "", r.stderr.strip())
        wait_for(lambda: self.text("anna", "#refusal") in refusal, 10, "the refusal")
        self.assertIn("freeze", self.text("anna", "#refusal"))
        self.assertTrue(self.run_on("anna", "return page.locator('.act button').isDisabled()"))

    def test_two_people_approve(self):
        release = self.push("web")[1]
        self.open("anna")
        self.open("bob")
        self.act("anna", "prod", "Approve")
        self.submit("anna", "Approve " + release)
        self.wait_text("anna", "is approved", ".done")
        self.wait_text("bob", "approvals 1/2", "thead .badge")
        self.assertNotEqual((self.call("GET", "environments/prod")["state"] or {}).get("release"), release)
        self.act("bob", "prod", "Approve")
        self.wait_text("bob", "Approved by anna", ".drawer li")
        self.submit("bob", "Approve " + release)
        self.wait_deployed(release, "prod")
        self.run_on("anna", "await page.keyboard.press('Escape')")
        self.wait_text("anna", release, "thead th:has-text('prod')")

    def test_a_reader_sees_why_nothing_is_possible(self):
        self.open("reader")
        for action in ("Hold", "Promote", "Approve"):
            self.act("reader", "dev", action)
            self.wait_text("reader", "the role 'read' of token:reader does not allow it", "#refusal")
            self.assertTrue(self.run_on("reader", "return page.locator('.act button').isDisabled()"))
            self.run_on("reader", "await page.keyboard.press('Escape'); await page.locator('.drawer').waitFor({ state: 'detached' });")

    def test_hold_asks_for_a_reason_and_resume_ends_it(self):
        self.open("anna")
        self.act("anna", "dev", "Hold")
        self.submit("anna", "Hold")
        self.assertIsNone(self.call("GET", "environments/dev")["hold"], "the reason is missing")
        self.reason("anna", "incident 4711")
        self.submit("anna", "Hold")
        self.wait_text("anna", "is on hold", ".done")
        self.assertEqual(self.call("GET", "environments/dev")["hold"]["reason"], "incident 4711")
        self.run_on("anna", "await page.getByRole('radio', { name: 'Resume' }).check();")
        self.submit("anna", "Resume")
        wait_for(lambda: self.call("GET", "environments/dev")["hold"] is None, 10, "the end of the hold")

    def test_promote_cancel_and_roll_back(self):
        first = self.call("GET", "environments/staging")["state"]["release"]
        self.open("anna")
        self.act("anna", "manual", "Promote")
        self.run_on("anna", "await page.getByLabel('Release', { exact: true }).fill(options.release); await page.keyboard.press('Tab');", release=first)
        self.submit("anna", "Promote " + first)
        self.wait_text("anna", "is being promoted", ".done")
        self.call("POST", "environments/manual/confirm", {})
        second = self.push("web")[1]
        self.call("POST", f"releases/{second}/promote", {"environmentId": "manual"}, wanted=202)
        self.run_on("anna", "await page.getByRole('radio', { name: 'Cancel promotion' }).check();")
        self.reason("anna", "not yet")
        self.submit("anna", "Cancel promotion")
        wait_for(lambda: self.call("GET", "environments/manual")["state"]["status"] == "deployed", 10, "the end of the promotion")
        self.call("POST", f"releases/{second}/promote", {"environmentId": "manual"}, wanted=202)
        self.call("POST", "environments/manual/confirm", {})
        self.wait_deployed(second, "manual")
        self.run_on("anna", "await page.getByRole('radio', { name: 'Roll back' }).check();")
        self.wait_text("anna", "web", ".drawer .list tbody tr")
        self.wait_text("anna", "downgrade", ".drawer .list tbody tr")
        self.reason("anna", "it loses orders")
        self.submit("anna", "Roll back " + first)
        self.wait_text("anna", "is being rolled back", ".done")
        state = self.call("GET", "environments/manual")["state"]
        self.assertEqual((state["release"], state["deployedBy"]), (first, "token:anna"))
        self.call("POST", "environments/manual/confirm", {})

    def test_the_drawer_is_usable_by_keyboard_alone(self):
        self.open("anna")
        self.run_on("anna", """await page.getByRole('button', { name: 'Actions for dev', exact: true }).focus();
            await page.keyboard.press('Enter');
            await page.locator('.drawer form').waitFor();
            for (let i = 0; i < 30; i++) {
                    await page.keyboard.press('Tab');
                    if (await page.evaluate(() => document.activeElement.name === 'action'))
                            break;
            }
            while (await page.evaluate(() => document.activeElement.value !== 'hold'))
                    await page.keyboard.press('ArrowRight');
            await page.keyboard.press('Tab');
            await page.keyboard.type('by keyboard');
            await page.keyboard.press('Tab');
            await page.keyboard.press('Enter');""")
        self.wait_text("anna", "is on hold", ".done")
        self.run_on("anna", "await page.keyboard.press('Escape')")
        self.assertEqual(self.run_on("anna", "return page.evaluate(() => document.activeElement.getAttribute('aria-label'))"), "Actions for dev")
        self.call("POST", "environments/dev/resume")


class Releases(PageCase):
    def test_a_release_shows_digests_lockfile_and_the_way_it_went(self):
        release = self.call("GET", "releases/shop-1")
        self.open("reader", "#/release/shop-1")
        digest = release["components"][0]["digest"]
        self.run_on("reader", "await page.getByRole('button', { name: 'Copy digest ' + options.digest.slice(7, 14) }).first().click()", digest=digest)
        self.assertEqual(self.run_on("reader", "return page.evaluate(() => navigator.clipboard.readText())"), digest)
        self.wait_text("reader", "staging", ".list td")
        for name, start in (("YAML", "apiVersion: relman/v1"), ("JSON", '"apiVersion"')):
            self.run_on("reader", "await page.getByRole('button', { name: options.name, exact: true }).click()", name=name)
            wait_for(lambda: start in self.text("reader", "pre") and digest in self.text("reader", "pre"), 10, name)
        self.run_on("reader", "await page.locator('summary').first().click()")
        self.wait_text("reader", "the same digest", "details dd")

    def test_two_releases_are_compared(self):
        release = self.push("worker")[1]
        self.open("reader", "#/release/shop-1")
        self.run_on("reader", """await page.getByLabel('Compare with release').fill(options.release);
            await page.keyboard.press('Enter');""", release=release)
        self.wait_text("reader", f"Changes from shop-1 to {release}", "h2")
        self.wait_text("reader", "upgrade", ".list .badge")


class Quality(PageCase):
    VIEWS = {"matrix": "#/matrix", "release": "#/release/shop-1", "nowhere": "#/nowhere"}

    def test_axe_finds_nothing(self):
        for scheme in ("light", "dark"):
            page = self.open("anna", page=scheme, colorScheme=scheme)
            for view, address in self.VIEWS.items():
                self.run_on(page, "await page.goto(options.url); await page.locator('h1').waitFor(); await page.getByText('Loading…').first().waitFor({ state: 'detached' });",
                            url=self.browser.url + address)
                self.assertEqual(self.run_on(page, "return axe(page)"), [], (view, scheme))
            self.run_on(page, "await page.goto(options.url)", url=self.browser.url + "#/matrix")
            self.act(page, "prod", "Promote")
            self.assertEqual(self.run_on(page, "await page.locator('.gates').waitFor(); return axe(page)"), [], ("drawer", scheme))
        self.run_on("login", "await page.goto(options.url); await page.getByLabel('Token').waitFor();", url=self.browser.url)
        self.assertEqual(self.run_on("login", "return axe(page)"), [], "login")

    def test_nothing_is_cut_off_in_a_narrow_window(self):
        page = self.open("anna", viewport={"width": 360, "height": 700})
        for address in self.VIEWS.values():
            self.run_on(page, "await page.goto(options.url); await page.locator('h1').waitFor();", url=self.browser.url + address)
            self.assertLessEqual(self.run_on(page, "return page.evaluate(() => document.documentElement.scrollWidth)"), 360, address)
            self.assertLessEqual(self.run_on(page, "return page.evaluate(() => document.querySelector('main').scrollWidth)"), 360, address)

    def test_a_large_matrix_is_redrawn_quickly_and_nothing_moves(self):
        self.run_on("anna", """const environments = Array.from({ length: 30 }, (_, i) => ({ id: 'e' + i, name: 'env-' + i, displayName: 'env-' + i,
                    tenant: 'default', metadata: {}, phase: 'deployed', release: { id: 'r' + i, name: 'shop-' + i, status: 'deployed' },
                    since: '2026-01-01T00:00:00Z', by: 'x', hold: null, badges: [], next: null }));
            const images = Array.from({ length: 400 }, (_, i) => ({ version: '1.' + i + '.0', tag: 'v1.' + i, digest: 'sha256:' + String(i).padStart(64, '0') }));
            const components = Array.from({ length: 200 }, (_, i) => ({ id: 'c' + i, name: 'component-' + i, displayName: 'component-' + i, tenant: 'default',
                    metadata: {}, badges: [], cells: environments.map(() => ({ image: i })) }));
            page.turn = 0;
            await page.route('**/api/v1/matrix*', (route) => {
                    const turn = ++page.turn;
                    components.forEach((each) => { each.cells[3] = { image: (turn + 200) % 400 }; });
                    environments[3].badges = turn % 2 ? [] : [{ kind: 'held', since: null, until: null, text: 'x' }];
                    return route.fulfill({ json: { asOf: null, environments, images, components } });
            });""")
        self.run_on("anna", """await page.addInitScript(() => {
                    const look = () => {
                            if (document.querySelectorAll('tbody tr').length === 200)
                                    window.shown = performance.now();
                            else
                                    requestAnimationFrame(look);
                    };
                    look();
            });""")
        self.open("anna")
        first = self.run_on("anna", """await page.waitForFunction(() => window.shown);
            return page.evaluate(() => window.shown - performance.getEntriesByType('resource').filter((each) => /matrix/.test(each.name))[0].responseEnd);""")
        self.run_on("anna", """const cdp = await page.context().newCDPSession(page);
            await cdp.send('Performance.enable');
            page.script = async () => (await cdp.send('Performance.getMetrics')).metrics.find((each) => each.name === 'ScriptDuration').value;
            page.cell = () => document.querySelectorAll('tbody tr')[199].querySelectorAll('td')[3].innerText;
            await page.evaluate(() => {
                    window.shift = 0;
                    new PerformanceObserver((list) => list.getEntries().forEach((each) => { window.shift += each.value; }))
                            .observe({ type: 'layout-shift' });
            });
            page.first = page.turn;
            page.before = await page.script();""")
        for i in range(6):
            self.run_on("anna", "page.old = await page.evaluate(page.cell)")
            self.call("POST", "environments/dev/" + ("resume" if i % 2 else "hold"))
            self.run_on("anna", """while (await page.evaluate(page.cell) === page.old)
                        await new Promise((resolve) => setTimeout(resolve, 20));""")
        script, turns, shift = self.run_on("anna", """await new Promise((resolve) => setTimeout(resolve, 300));
            return [1000 * (await page.script() - page.before), page.turn - page.first, await page.evaluate(() => window.shift)];""")
        print(f"# 200 components x 30 environments: first view {first:.0f} ms after the answer; script of a redraw {script / turns:.1f} ms "
              f"(mean of {turns}); layout shift {shift:.5f}")
        self.assertGreaterEqual(turns, 6)
        self.assertLess(script / turns, 150)
        self.assertLess(first, 10000)
        self.assertLess(shift, 0.001)

    def test_the_files_are_small(self):
        html = self.site.download("/")[1].decode()
        folder = re.search(r"/web/[0-9a-f]+/", html).group(0)
        names, size = ["/"], 0
        for root, _, files in os.walk(os.path.join(SRCDIR, "src/web/page")):
            names += [folder + os.path.relpath(os.path.join(root, f), os.path.join(SRCDIR, "src/web/page")) for f in files]
        for name in names:
            status, data, _ = self.site.download(name)
            if status == 200:
                size += len(gzip.compress(data, 9))
        print(f"# all files, compressed: {size} bytes")
        self.assertLess(size, 150 * 1024)
        self.assertGreater(size, 10 * 1024)


@unittest.skipUnless(os.environ.get("UPDATE_SCREENSHOTS"), "UPDATE_SCREENSHOTS is not set")
class Screenshots(PageCase):
    SIZES = {"light": (1280, 600), "dark": (1280, 600), "narrow": (390, 760)}
    gates = {"prod-eu": "", "prod-us": ""}

    @classmethod
    def specs(cls):
        return [f"apiVersion: relman/v1\nkind: Component\nmetadata: {{name: api, labels: {{team: payments}}}}\n"
                f"spec: {{imageRepository: {cls.registry.host}/app/api}}\n",
                document("ReleaseStream", "shop", "components: [api, web, worker], nameTemplate: '{stream}-{seq}', settle: 0s"),
                document("Environment", "dev", "stream: shop"), document("Environment", "staging", "follows: dev"),
                document("Environment", "prod-eu", "stream: shop, promotesFrom: staging" + cls.gates["prod-eu"]),
                document("Environment", "prod-us", "follows: prod-eu" + cls.gates["prod-us"])]

    def test_pictures(self):
        self.wait_deployed("shop-1", "prod-us")
        type(self).gates = {"prod-eu": ", approvals: 2, soak: 2h", "prod-us": f", windows: [{ALWAYS_CLOSED}]"}
        self.site.write("all.yaml", documents(*self.specs(), registry=self.registry, components=("web", "worker")))
        self.site.kill(signal.SIGHUP)
        wait_for(lambda: self.call("GET", "environments/prod-eu")["approvals"] == 2, 20, "the gates")
        self.push("web")
        version = self.push("api")[0]
        self.call("POST", "environments/staging/hold", {"reason": "incident 4711"})
        for name, (width, height) in self.SIZES.items():
            page = self.open("anna", page=name, colorScheme=name if name == "dark" else "light", viewport={"width": width, "height": height})
            self.wait_text(page, version, "tbody td")
            self.run_on(page, "await page.screenshot({ path: options.path })", path=os.path.join(SRCDIR, f"doc/page-{name}.png"))
        self.act("light", "prod-eu", "Approve")
        self.run_on("light", "await page.locator('.drawer .list').waitFor(); await page.screenshot({ path: options.path })",
                    path=os.path.join(SRCDIR, "doc/page-drawer.png"))
        for name in (*self.SIZES, "drawer"):
            self.assertLess(os.path.getsize(os.path.join(SRCDIR, f"doc/page-{name}.png")), 150 * 1024)


if __name__ == "__main__":
    relman.main()
