// USWDS names physical sides (margin-left). This turns them into logical ones (margin-inline-start), so that one file
// serves left-to-right and right-to-left pages. Positions that are not a side (gradients, transforms) are left alone.
const start = { left: "start", right: "end" };
const rename = [
  [/^(margin|padding|border)-(left|right)(-(?:width|style|color))?$/, (_, box, side, rest = "") => `${box}-inline-${start[side]}${rest}`],
  [/^(left|right)$/, (_, side) => `inset-inline-${start[side]}`],
  [/^border-(top|bottom)-(left|right)-radius$/, (_, block, side) => `border-${block === "top" ? "start" : "end"}-${start[side]}-radius`],
];
const values = { "text-align": { left: "start", right: "end" } };

// Four values: top right bottom left. Only those that differ left and right need it.
function sides(decl) {
  const parts = decl.value.match(/(?:[^\s(]+(?:\([^()]*(?:\([^()]*\)[^()]*)*\))?)+/g) ?? [];
  if (parts.length !== 4 || parts[1] === parts[3]) return;
  decl.cloneBefore({ prop: `${decl.prop}-block`, value: `${parts[0]} ${parts[2]}` });
  decl.cloneBefore({ prop: `${decl.prop}-inline`, value: `${parts[3]} ${parts[1]}` });
  decl.remove();
}

export default () => ({
  postcssPlugin: "logical",
  Once(root) {
    root.walkDecls((decl) => {
      if (values[decl.prop]?.[decl.value]) decl.value = values[decl.prop][decl.value];
      else if (decl.prop === "margin" || decl.prop === "padding") sides(decl);
      else for (const [pattern, name] of rename) decl.prop = decl.prop.replace(pattern, name);
    });
  },
});
