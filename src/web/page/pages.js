/* Lists of objects that are read page by page. */

import { getPage } from "./api.js";

const MOST = 20; /* pages: 10,000 objects */

/** Gets a list of objects with all its pages. path has a query with a limit. */
export async function getAll(path, signal) {
        let list = [], after = null;

        for (let i = 0; i < MOST; i++) {
                const page = await getPage(path + (after ? "&after=" + encodeURIComponent(after) : ""), signal);
                list = i ? list.concat(page.data) : page.data;
                after = page.next;
                if (!after)
                        break;
        }
        return list;
}
