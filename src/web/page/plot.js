/* Plots by uPlot. It is loaded when the first plot is shown. A table beside each plot says the same in text. */

import { html, useEffect, useRef } from "./lib.js";
import { localTime } from "./format.js";

/* seconds between ticks of the time axis */
const STEPS = [1, 5, 15, 30, 60, 300, 900, 1800, 3600, 7200, 21600, 43200, 86400, 172800, 604800, 1209600, 2592000,
        7776000, 31536000];
const HEIGHT = 180, WHOLE = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 10000, 100000, 1e6];
let loading = null;

/* uPlot is a script, not a module: it is small in that form. */
function loadPlot() {
        loading ||= new Promise((resolve, reject) => {
                const script = document.createElement("script"), sheet = document.createElement("link");
                sheet.rel = "stylesheet";
                sheet.href = new URL("./vendor/uPlot.min.css", import.meta.url).href;
                script.src = new URL("./vendor/uPlot.iife.min.js", import.meta.url).href;
                script.onload = () => resolve(globalThis.uPlot);
                script.onerror = () => {
                        loading = null;
                        reject(new Error("cannot load " + script.src));
                };
                document.head.append(sheet, script);
        });
        return loading;
}

function colour(name) {
        return getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim();
}

/** Returns the texts of ticks of the time axis: the time, and the date below the first tick of a day. */
export function timeTicks(seconds, step) {
        let day = "";

        return seconds.map((each) => {
                const text = localTime(each * 1000), date = text.slice(0, 10), isNew = date !== day;
                const ofMinute = String(Math.floor(each % 60)).padStart(2, "0");
                day = date;
                if (step >= 86400)
                        return date;
                return text.slice(11) + (step < 60 ? ":" + ofMinute : "") + (isNew ? "\n" + date : "");
        });
}

function options(width, { series, values, stepped, whole }, Plot) {
        const axis = { stroke: colour("quiet"), grid: { stroke: colour("line"), width: 1 },
                ticks: { stroke: colour("line"), width: 1 },
                font: "12px system-ui, sans-serif" };
        return { width, height: HEIGHT, cursor: { y: false }, legend: { show: series.length > 1, live: false },
                padding: [null, 30, null, null],
                axes: [{ ...axis, space: 80, incrs: STEPS, values: (_, ticks, i, gap, step) => timeTicks(ticks, step) },
                        { ...axis, size: 90, space: 20, values, incrs: whole ? WHOLE : undefined }],
                series: [{}, ...series.map((each) => ({ label: each.label, stroke: colour(each.colour || "link"),
                        width: 2, spanGaps: false,
                        paths: stepped ? Plot.paths.stepped({ align: 1 }) : undefined, points: { show: true,
                                size: 5 } }))] };
}

/** A plot over time. data: an array of times in seconds, then one of values for each of series ({ label, colour }).
 * values(plot, ticks) returns the texts of the y axis. label says what the plot shows. */
export function Plot({ label, data, series, values, stepped = false, whole = false }) {
        const place = useRef(null);

        useEffect(() => {
                const element = place.current, dark = matchMedia("(prefers-color-scheme: dark)");
                let plot = null, isOver = false;
                const draw = () => loadPlot().then((Drawn) => {
                        if (isOver)
                                return;
                        plot?.destroy();
                        plot = new Drawn(options(element.clientWidth, { series, values, stepped, whole }, Drawn), data,
                                element);
                }, () => {
                        /* the table says the same */
                });
                const watch = new ResizeObserver(() => plot?.setSize({ width: element.clientWidth, height: HEIGHT }));

                draw();
                watch.observe(element);
                dark.addEventListener("change", draw);
                return () => {
                        isOver = true;
                        watch.disconnect();
                        dark.removeEventListener("change", draw);
                        plot?.destroy();
                };
        }, [JSON.stringify(data)]);
        return html`<div class="plot" role="img" aria-label=${label} ref=${place}></div>`;
}
