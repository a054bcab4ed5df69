#!/usr/bin/env python3
"""Tests the views of the page beside the matrix in a browser: flow, timeline, components, registries, events."""

import os
import sys

sys.path.insert(0, os.path.join(os.environ.get("SRCDIR", "."), "tests/lib"))
sys.path.insert(0, os.path.join(os.environ.get("SRCDIR", "."), "tests/integration"))
import relman  # noqa: E402
from test_page import MARKUP, PageCase  # noqa: E402

HOSTILE = "1.0.0-__proto__.constructor"
ADDRESSES = {"flow": "#/flow", "timeline": "#/timeline", "component": "#/component/web", "registries": "#/registries",
             "events": "#/events", "audit": "#/events?list=audit"}


class Views(PageCase):
    def test_flow_shows_where_releases_stand_and_moves_live(self):
        self.open("reader", "#/flow")
        self.wait_text("reader", "dev", ".flow .node")
        _, release = self.push("web")
        self.wait_text("reader", release, ".flow .node.environment")
        # each environment gets the release when it is decided, dev first
        self.run_on("reader", """await page.locator('tbody tr').filter({ has: page.getByRole('rowheader', { name: 'staging', exact: true }) })
            .filter({ hasText: 'follows dev' }).filter({ hasText: options.release }).waitFor()""", release=release)
        self.assertEqual(self.run_on("reader", "return page.locator('.flow .edge').count()"), 6)

    def test_flow_opens_the_drawer(self):
        self.open("anna", "#/flow")
        self.run_on("anna", "await page.getByRole('button', { name: 'Actions for prod', exact: true }).click(); await page.locator('.drawer .gates').waitFor();")

    def test_flow_shows_a_hold_as_text(self):
        self.call("POST", "environments/staging/hold", {"reason": MARKUP})
        self.addCleanup(self.call, "POST", "environments/staging/resume")
        self.open("reader", "#/flow")
        self.wait_text("reader", "held: " + MARKUP, "tbody td")
        self.assertEqual(self.run_on("reader", "return page.locator('main img, main b').count()"), 0)

    def model(self, name, code):
        """Runs code, the body of a function of the module m of the page; returns its result."""
        self.open("reader", "#/events")
        return self.run_on("reader", """return page.evaluate(async (name) => {
                const m = await import(new URL(name, document.querySelector('script[type=module]').src));
                %s
        }, options.name)""" % code, name=name)

    def test_a_graph_with_a_circle_has_a_place_for_each_node(self):
        graph = self.model("flow-model.js", """const of = (name, more) => ({ name, conditions: [], ...more });
            const { nodes, edges, width, height } = m.layoutOf(m.graphOf([of('s')], [of('a', { follows: 'b' }), of('b', { follows: 'a' }),
                    of('c', { sources: ['a', 'b', 'gone'] }), of('d', { stream: 's', promotesFrom: 'd' })]));
            return { columns: Object.fromEntries(nodes.map(({ key, column }) => [key, column])),
                    edges: edges.map((edge) => [edge.from, edge.to, m.edgePath(edge).includes('NaN')]),
                    places: new Set(nodes.map(({ x, y }) => x + ' ' + y)).size,
                    fits: nodes.every(({ x, y }) => x < width && y < height) };""")
        columns = graph["columns"]
        self.assertEqual((graph["places"], graph["fits"], columns["s/s"], columns["e/d"]), (5, True, 0, 1))
        self.assertEqual(sorted(graph["edges"]), [["e/a", "e/b", False], ["e/a", "e/c", False], ["e/b", "e/a", False],
                                                  ["e/b", "e/c", False], ["s/s", "e/d", False]])
        self.assertGreater(columns["e/c"], max(columns["e/a"], columns["e/b"]))

    def test_the_last_hour_of_a_registry_is_summed(self):
        totals = self.model("registries-model.js", """const sample = (requests, errors, latencyMicroseconds, rateLimitLeft) =>
                ({ at: "2026-12-01T00:00:00Z", requests, errors, latencyMicroseconds, rateLimitLeft });
            return [m.totalsOf([]), m.totalsOf([sample(1, 0, 3000, 90), sample(0, 0, null, null), sample(3, 2, 1000, 80)]), m.seriesOf([sample(0, 0, null, null)], "rateLimitLeft")]""")
        self.assertEqual(totals, [{"requests": 0, "errors": 0, "latency": None, "rateLimitLeft": None},
                                  {"requests": 4, "errors": 2, "latency": 1500, "rateLimitLeft": 80}, [[1764547200 + 365 * 86400], [None]]])

    def test_marks_show_which_environments_had_a_release_and_which_have_it(self):
        marks = self.model("timeline-model.js", """const event = (at, objectId, name) => ({ at, objectId, data: { environmentId: name, environment: name } });
            const state = { status: 'promoting', releaseId: 'r3', deployedReleaseId: 'r1', deployedAt: '4' };
            const marks = m.marksOf([event('1', 'r1', 'e'), event('1', 'r1', 'old'), event('2', 'r2', 'e'), event('3', 'r1', 'e')],
                    [{ id: 'e', name: 'e', displayName: 'E', state }]);
            return Object.fromEntries([...marks].map(([id, list]) => [id, m.shownMarks(list).map((mark) =>
                    [mark.environment, mark.from, mark.until, mark.isNow, mark.isPending, mark.times])]));""")
        self.assertEqual(marks, {"r1": [["E", "3", None, True, False, 2], ["old", "1", None, False, False, 1]],
                                 "r2": [["E", "2", "3", False, False, 1]], "r3": [["E", "4", None, False, True, 1]]})

    def test_timeline_marks_the_environments_of_a_release(self):
        _, first = self.push("web")
        _, second = self.push("web")
        self.open("reader", "#/timeline")
        for release, mark in ((second, "dev now"), (second, "staging now"), (first, "dev had it")):
            self.run_on("reader", """await page.locator('tr').filter({ has: page.getByRole('link', { name: options.release, exact: true }) })
                .locator('.mark').filter({ hasText: options.mark }).waitFor()""", release=release, mark=mark)
        self.run_on("reader", "await page.getByLabel('Release', { exact: true }).fill(options.release); await page.locator('p').filter({ hasText: '1 release,' }).waitFor();",
                    release=second)

    def test_timeline_leads_to_the_matrix_of_any_moment(self):
        self.open("reader", "#/timeline")
        self.run_on("reader", """await page.getByLabel('The matrix as of').fill('2020-01-02T03:04');
            await page.getByRole('button', { name: 'Show', exact: true }).click();""")
        self.wait_text("reader", "As of 2020-01-02 03:04", ".past")
        self.assertIn("asOf=2020-01-02T03%3A04", self.run_on("reader", "return page.url()"))

    def test_component_shows_channels_a_plot_and_the_history_of_a_tag(self):
        old = self.call("GET", "components/web/tags/v1.0.0")["digest"]
        self.open("reader", "#/component/web")
        self.wait_text("reader", "stable", "#channels + .scroll tbody th")
        self.run_on("reader", "await page.locator('.plot canvas').waitFor()")
        self.registry.push("app/web", "v1.0.0", "moved")
        self.call("POST", "components/web/sync-versions", {"forceRefresh": True})
        self.run_on("reader", "await page.getByRole('button', { name: 'Explain tag v1.0.0', exact: true }).click()")
        self.run_on("reader", "await page.locator('.detail').getByRole('button', { name: options.digest }).first().waitFor()", digest=old[7:14])
        self.wait_text("reader", "moved", ".conditions li")
        self.run_on("reader", "await page.locator('.detail select').selectOption('prod')")
        self.wait_text("reader", "blocked", ".steps li")

    def test_a_hostile_tag_and_name_stay_text(self):
        self.registry.push("app/odd", HOSTILE)
        self.call("POST", "components/odd/sync-versions", {})
        self.open("reader", "#/component/odd")
        self.wait_text("reader", HOSTILE, ".tag")
        self.run_on("reader", "await page.goto(options.url)", url=self.browser.url + "#/component/api")
        self.wait_text("reader", MARKUP, "h1")
        self.assertEqual(self.run_on("reader", "return page.locator('main img, main h1 b, main i').count()"), 0)

    def test_registries_show_their_state(self):
        self.open("reader", "#/registries")
        self.wait_text("reader", self.registry.url, ".card dd")
        self.wait_text("reader", "in the last hour", ".card p")
        self.run_on("reader", "await page.locator('.card .plot canvas').first().waitFor()")
        text = self.run_on("reader", "return page.locator('.card p').allInnerTexts()")
        self.assertRegex(" ".join(text), r"[1-9]\d* requests? and \d+ errors? in the last hour, \d+\.\d ms a request\.")

    def test_events_appear_and_are_filtered(self):
        self.open("reader", "#/events?type=environment.*")
        self.call("POST", "environments/dev/hold", {"reason": "for the list"})
        self.addCleanup(self.call, "POST", "environments/dev/resume")
        self.wait_text("reader", "for the list", ".facts")
        self.assertEqual(set(self.run_on("reader", "return page.locator('tbody td:nth-child(3)').allInnerTexts()")) - {"Environment dev"}, set())
        self.run_on("reader", "await page.getByLabel('Object').fill('environment/none')")
        self.wait_text("reader", "The newest 0 events", "p")

    def test_the_audit_needs_the_role_admin_and_says_so(self):
        self.open("reader", "#/events?list=audit")
        self.wait_text("reader", "The audit needs the role admin. Your role is read.", "p")

    def test_axe_finds_nothing(self):
        for scheme in ("light", "dark"):
            page = self.open("anna", page=scheme, colorScheme=scheme)
            for view, address in ADDRESSES.items():
                self.run_on(page, "await page.goto(options.url); await page.locator('h1').waitFor(); await page.getByText('Loading…').first().waitFor({ state: 'detached' });",
                            url=self.browser.url + address)
                if view == "component":
                    self.run_on(page, "await page.locator('.tag').first().waitFor(); await page.getByText('Explain').first().click(); await page.locator('.steps li').first().waitFor();")
                self.assertEqual(self.run_on(page, "return axe(page)"), [], (view, scheme))

    def test_nothing_is_cut_off_in_a_narrow_window(self):
        page = self.open("anna", viewport={"width": 360, "height": 700})
        for address in ADDRESSES.values():
            self.run_on(page, "await page.goto(options.url); await page.locator('h1').waitFor(); await page.getByText('Loading…').first().waitFor({ state: 'detached' });",
                        url=self.browser.url + address)
            self.assertLessEqual(self.run_on(page, "return page.evaluate(() => document.documentElement.scrollWidth)"), 360, address)
            self.assertLessEqual(self.run_on(page, "return page.evaluate(() => document.querySelector('main').scrollWidth)"), 360, address)


if __name__ == "__main__":
    relman.main()
