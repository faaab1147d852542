"use strict";

// Addresses are relative to /docs, which may be behind a proxy that puts a prefix before all paths.
const ADMINISTRATION = "/api/v1/gamify/admin/";
const OPEN = /^\/(?!api\/)/;
const SECTIONS = [
  {
    title: "Application",
    about: "The calls of your application. A key of the scope `gamify:read` can only read.",
    holds: (path) => !path.startsWith(ADMINISTRATION) && !OPEN.test(path),
    tag: (tag) => tag,
  },
  {
    title: "Administration",
    about: "The calls of administrators. They need a key with the scope `gamify:admin`, `admin` or `operator`; `gamify:read` and `gamify:support` allow some of them.",
    holds: (path) => path.startsWith(ADMINISTRATION),
    tag: (tag) => `Manage ${tag.toLowerCase()}`,
  },
  {
    title: "Server",
    about: "Health, metrics and this documentation. No key is needed.",
    holds: (path) => OPEN.test(path),
    tag: (tag) => tag,
  },
];
const GUIDES = /(?:^| )Guides?: .*$/;

/** Gives the operations of administration tags of their own. Returns the sections by the first tag of each. */
function divide(api) {
  const tags = [];
  const sections = new Map();
  for (const section of SECTIONS) {
    for (const { name, description } of api.tags) {
      const operations = Object.entries(api.paths)
        .filter(([path]) => section.holds(path))
        .flatMap(([, methods]) => Object.values(methods))
        .filter((operation) => operation.tags[0] === name);
      if (operations.length === 0) continue;
      const elsewhere = Object.entries(api.paths).some(
        ([path, methods]) =>
          !section.holds(path) && Object.values(methods).some((operation) => operation.tags.includes(name)),
      );
      const isDivided = elsewhere && section.title === "Administration";
      const tag = isDivided ? section.tag(name) : name;
      const guides = description.match(GUIDES)?.[0] ?? "";
      tags.push({ name: tag, description: isDivided ? `Definitions and other calls of administrators.${guides}` : description });
      if (!sections.has(section.title)) sections.set(section.title, tag);
      for (const operation of operations) operation.dividedInto = tag;
    }
  }
  for (const methods of Object.values(api.paths)) {
    for (const operation of Object.values(methods)) {
      operation.tags = [operation.dividedInto];
      delete operation.dividedInto;
    }
  }
  api.tags = tags;
  return new Map(SECTIONS.filter(({ title }) => sections.has(title)).map((each) => [sections.get(each.title), each]));
}

/** Sections: application, administration and server, each with a heading above its first group. */
function Sections({ React }) {
  const h = React.createElement;
  let sections = new Map();
  return {
    statePlugins: {
      spec: {
        wrapActions: {
          updateJsonSpec: (update) => (api) => {
            if (api?.tags) sections = divide(api);
            return update(api);
          },
        },
      },
    },
    wrapComponents: {
      OperationTag: (Original, { getComponent }) =>
        function Group(props) {
          const section = sections.get(props.tag);
          if (!section) return h(Original, props);
          const Markdown = getComponent("Markdown", true);
          const heading = h("div", { className: "laurels-section" }, [
            h("h2", { key: "title" }, section.title),
            h(Markdown, { key: "about", source: section.about }),
          ]);
          return h(React.Fragment, null, heading, h(Original, props));
        },
    },
  };
}

const GUIDE = /\/docs\/([\w-]+\.md)$/;

/** The guide and the heading to which an address leads; null for any other address. */
function guideAt(address) {
  const url = new URL(address, document.baseURI);
  const shown = url.searchParams.get("guide") ?? url.pathname.match(GUIDE)?.[1];
  return url.origin === location.origin && shown ? { name: shown, heading: url.hash.slice(1) } : null;
}

/** The guide's Markdown with links that lead to guides on this page; other relative links are plain text. */
function withLinks(text, name) {
  return text.replace(/\[((?:[^[\]]|\[[^\]]*\])*)\]\(([^)\s]+)\)/g, (link, shown, address) => {
    if (/^[a-z]+:/.test(address)) return link;
    if (address.startsWith("#")) return `[${shown}](docs/${name}${address})`;
    return /^[\w-]+\.md(?:#|$)/.test(address) ? `[${shown}](docs/${address})` : shown;
  });
}

function slug(text) {
  return text.toLowerCase().replace(/[^\w\s-]/g, "").trim().replace(/\s+/g, "-");
}

/** Guides: pages of the documentation in the place of the API. */
function Guides({ React }) {
  const h = React.createElement;

  function Guide({ guide, Markdown }) {
    const [text, setText] = React.useState("");
    const place = React.useRef(null);
    React.useEffect(() => {
      fetch(`docs/${guide.name}`)
        .then((response) => (response.ok ? response.text() : "# There is no such guide"))
        .catch(() => "# The server does not respond")
        .then(setText);
    }, [guide.name]);
    React.useEffect(() => {
      const headings = [...(place.current?.querySelectorAll("h1, h2, h3") ?? [])];
      const sought = headings.find((heading) => slug(heading.textContent) === guide.heading);
      if (sought) sought.scrollIntoView();
      else if (text) window.scrollTo(0, 0);
    }, [text, guide.name, guide.heading]);
    return h("div", { className: "swagger-ui" }, h("div", { className: "wrapper laurels-guide", ref: place }, [
      h("p", { key: "back" }, h("a", { href: "docs", className: "laurels-back" }, "← The API")),
      h(Markdown, { key: "text", source: withLinks(text, guide.name) }),
    ]));
  }

  return {
    wrapComponents: {
      BaseLayout: (Original, { getComponent }) =>
        function Layout(props) {
          const [guide, setGuide] = React.useState(guideAt(location.href));
          React.useEffect(() => {
            const follow = (event) => {
              const link = event.target.closest?.("a[href]");
              if (!link || event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
              const next = guideAt(link.href);
              if (!next && !link.classList.contains("laurels-back")) return;
              event.preventDefault();
              history.pushState(null, "", next ? `?guide=${next.name}${next.heading && `#${next.heading}`}` : location.pathname);
              setGuide(next);
            };
            const restore = () => setGuide(guideAt(location.href));
            document.addEventListener("click", follow);
            window.addEventListener("popstate", restore);
            return () => {
              document.removeEventListener("click", follow);
              window.removeEventListener("popstate", restore);
            };
          }, []);
          const api = h("div", { key: "api", hidden: guide !== null }, h(Original, props));
          return h(React.Fragment, null, [
            api,
            guide && h(Guide, { key: "guide", guide, Markdown: getComponent("Markdown", true) }),
          ]);
        },
    },
  };
}

SwaggerUIBundle({
  url: "openapi.json",
  dom_id: "#page",
  plugins: [Sections, Guides],
  deepLinking: true,
  docExpansion: "none",
  defaultModelsExpandDepth: 0,
  // Down to the descriptions of fields.
  defaultModelExpandDepth: 2,
  persistAuthorization: true,
  tryItOutEnabled: true,
  validatorUrl: null,
});
