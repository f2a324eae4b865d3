// Formulas to HTML with MathML inside, and to the words that a screen reader says.
// A line of JSON in, a line of JSON out, until there are no more.
const { createRequire } = require("node:module");
const load = createRequire(process.cwd() + "/");
const katex = load("katex");
const sre = load("speech-rule-engine");

async function main() {
  await sre.setupEngine({ locale: "en", domain: "clearspeak" });
  const typeset = (formulas) => formulas.map(([tex, display]) => {
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
  for await (const line of require("node:readline").createInterface({ input: process.stdin })) {
    process.stdout.write(JSON.stringify(typeset(JSON.parse(line))) + "\n");
  }
}
main();
