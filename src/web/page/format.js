/* Pure functions that turn values of the API into short texts. */

const UNITS = [["d", 86400], ["h", 3600], ["m", 60], ["s", 1]];

/** Returns a time between two moments in milliseconds, in its largest unit: "3d", "5h", "0s". */
export function duration(milliseconds) {
        const seconds = Math.max(0, Math.round(milliseconds / 1000));
        const [unit, size] = UNITS.find(([, each]) => seconds >= each) || UNITS[3];
        return Math.floor(seconds / size) + unit;
}

/** Returns how long ago a time of the API was, such as "3d", or "" without a time. */
export function age(time, now) {
        return time ? duration(now - Date.parse(time)) : "";
}

/** Returns a time of the API as local date and time. */
export function localTime(time) {
        if (!time)
                return "";
        const date = new Date(time), two = (n) => String(n).padStart(2, "0");
        return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ` +
                `${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** Returns the moment until something lasts, short: "14:05" today, otherwise with the date. */
export function until(time, now) {
        const text = localTime(time);
        return text.slice(0, 10) === localTime(now).slice(0, 10) ? text.slice(11) : text;
}

/** Returns the first 7 hexadecimal digits of a digest. */
export function shortDigest(digest) {
        return digest ? digest.replace(/^[^:]*:/, "").slice(0, 7) : "";
}

/** Returns the version of an image, or its tag, or its short digest. */
export function versionOf(image) {
        return image.version || image.tag || shortDigest(image.digest);
}

/** Returns a size in bytes with a unit. */
export function size(bytes) {
        const units = ["B", "KiB", "MiB", "GiB"];
        let n = bytes, i = 0;
        for (; n >= 1024 && i < units.length - 1; i++)
                n /= 1024;
        return (i ? n.toFixed(1) : n) + " " + units[i];
}

/** Returns "1 file", "2 files". */
export function count(n, noun) {
        return `${n} ${noun}${n === 1 ? "" : "s"}`;
}

/** Returns the link if it is one that a browser may open from a text of a registry: http or https only. */
export function safeLink(text) {
        return /^https?:\/\//i.test(text || "") ? text : null;
}

/** Returns a text of the daemon without the command in parentheses that a user of a shell would type next. */
export function withoutCommand(text) {
        return text.replace(/ \(relmanctl [^)]*\)/, "");
}
