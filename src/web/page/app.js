/* The page: shows who the caller is. */

const main = document.getElementById("main");

async function show() {
        const answer = await fetch("/api/v1/session");
        const session = await answer.json();

        main.textContent = answer.ok ? session.principal : session.detail;
}

show();
