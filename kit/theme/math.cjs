// Formulas to HTML with MathML inside, and to the words that a screen reader says. JSON in, JSON out.
const { createRequire } = require("node:module");
const load = createRequire(process.cwd() + "/");
const katex = load("katex");
const sre = load("speech-rule-engine");

async function main() {
  await sre.setupEngine({ locale: "en", domain: "clearspeak" });
  const formulas = JSON.parse(require("node:fs").readFileSync(0, "utf8"));
  const made = formulas.map(([tex, display]) => {
    try {
      const html = katex.renderToString(tex, { displayMode: display, output: "htmlAndMathml", strict: "error" });
      const mathml = html.match(/<math.*<\/math>/s)[0];
      // spacing is not to be spoken, and the TeX source is not part of the formula
      const plain = mathml.replace(/<mspace[^>]*(\/>|><\/mspace>)/g, "").replace(/<mtext>\s*<\/mtext>/g, "")
        .replace(/<annotation.*?<\/annotation>/gs, "");
      return { html, speech: sre.toSpeech(plain) };
    } catch (error) {
      if (!(error instanceof katex.ParseError)) throw error;
      return { error: error.message };
    }
  });
  process.stdout.write(JSON.stringify(made));
}
main();
