/*
 * The flame graph as SVG: one rectangle and one text a context, with the figures as a tooltip. A
 * script of its own widens what is clicked on to the whole picture, in any browser.
 */
#include "flame.h"

#include <string.h>

enum {
	WIDTH = 1200,
	ROW = 18,
	MARGIN = 10,
	LETTER = 7, /* the width of a letter, about */
};

/* Pixels; narrower boxes are left out, for even widened they would hardly be seen. */
static const double least_width = 0.01;

/*
 * Each box says where it is and how wide, as shares of the whole, and how long a name it has. A
 * click on the background shows all again.
 */
static const char script[] =
	"<script><![CDATA[\n"
	"var W = 1180, M = 10, L = 7;\n"
	"function num(g, n) { return parseFloat(g.getAttribute(n)); }\n"
	"function show(x, w, level) {\n"
	"  document.querySelectorAll('g.f').forEach(function (g) {\n"
	"    var gx = num(g, 'data-x'), gw = num(g, 'data-w'), gl = num(g, 'data-l'), e = 1e-9;\n"
	"    var over = gx <= x + e && gx + gw >= x + w - e, under = gx >= x - e && gx + gw <= x + "
	"w + e;\n"
	"    var seen = gl < level ? over : under;\n"
	"    g.setAttribute('display', seen ? 'inline' : 'none');\n"
	"    if (!seen) return;\n"
	"    var left = gl < level ? 0 : (gx - x) / w, wide = gl < level ? 1 : gw / w;\n"
	"    var r = g.querySelector('rect'), t = g.querySelector('text'), n = Math.floor((wide * "
	"W - 6) / L);\n"
	"    r.setAttribute('x', M + left * W); r.setAttribute('width', wide * W);\n"
	"    r.setAttribute('opacity', gl < level ? 0.5 : 1);\n"
	"    t.setAttribute('x', M + left * W + 3);\n"
	"    t.textContent = n >= 3 ? g.getAttribute('data-n').substr(0, n) : '';\n"
	"  });\n"
	"}\n"
	"document.querySelectorAll('g.f').forEach(function (g) {\n"
	"  g.addEventListener('click', function () { show(num(g, 'data-x'), num(g, 'data-w'), "
	"num(g, 'data-l')); });\n"
	"});\n"
	"document.getElementById('back').addEventListener('click', function () { show(0, 1, 0); "
	"});\n"
	"]]></script>\n";

struct picture {
	FILE *file;
	const struct result *result;
	double scale; /* pixels a cycle */
	int height;
	uint64_t total;
};

static int depth_of(const struct stack *stack)
{
	int deepest = 0;

	for (const struct stack *one = stack->callees; one; one = one->next) {
		int depth = depth_of(one);

		deepest = depth > deepest ? depth : deepest;
	}
	return deepest + 1;
}

static void print_escaped(FILE *file, const char *text, int length)
{
	for (int index = 0; index < length && text[index]; index++) {
		switch (text[index]) {
		case '<':
			fputs("&lt;", file);
			break;
		case '>':
			fputs("&gt;", file);
			break;
		case '"':
			fputs("&quot;", file);
			break;
		case '&':
			fputs("&amp;", file);
			break;
		default:
			fputc(text[index], file);
		}
	}
}

/* A warm colour that is always the same for a function. */
static unsigned colour_of(const char *name)
{
	unsigned hash = 5381;

	while (*name)
		hash = hash * 33 + (unsigned char)*name++;
	return (205 + hash % 50) << 16 | (90 + hash / 50 % 130) << 8 | (30 + hash / 7000 % 40);
}

static void print_title(const struct picture *picture, const struct stack *stack)
{
	double seconds = result_seconds(picture->result, stack->cycles);

	fprintf(picture->file, "<title>");
	print_escaped(picture->file, stack->name, (int)strlen(stack->name));
	fprintf(picture->file, ": %llu calls, %llu cycles, ", (unsigned long long)stack->calls,
		(unsigned long long)stack->cycles);
	if (seconds > 0)
		fprintf(picture->file, "%.6f s, ", seconds);
	fprintf(picture->file, "%.1f %%</title>",
		picture->total ? 100.0 * stack->cycles / picture->total : 0);
}

static void draw_box(const struct picture *picture, const struct stack *stack, double left,
		     int level)
{
	double width = stack->cycles * picture->scale, whole = WIDTH - 2 * MARGIN;
	int top = picture->height - MARGIN - (level + 1) * ROW;
	int letters = (int)(width - 6) / LETTER;

	fprintf(picture->file,
		"<g class=\"f\" data-x=\"%.9f\" data-w=\"%.9f\" data-l=\"%d\" data-n=\"",
		(left - MARGIN) / whole, width / whole, level);
	print_escaped(picture->file, stack->name, (int)strlen(stack->name));
	fprintf(picture->file, "\">");
	print_title(picture, stack);
	fprintf(picture->file,
		"<rect x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\" fill=\"#%06x\"/>", left,
		top, width, ROW - 1, colour_of(stack->name));
	fprintf(picture->file, "<text x=\"%.1f\" y=\"%d\">", left + 3, top + 13);
	if (letters >= 3)
		print_escaped(picture->file, stack->name, letters);
	fprintf(picture->file, "</text></g>\n");
}

static void draw(const struct picture *picture, const struct stack *stack, double left, int level)
{
	for (const struct stack *one = stack->callees; one; one = one->next) {
		double width = one->cycles * picture->scale;

		if (width >= least_width) {
			draw_box(picture, one, left, level);
			draw(picture, one, left, level + 1);
		}
		left += width;
	}
}

void flame_write(FILE *file, const struct result *result, const struct stack *root)
{
	struct picture picture = { .file = file, .result = result, .total = root->cycles };

	picture.height = depth_of(root) * ROW + 2 * MARGIN + ROW;
	picture.scale = root->cycles ? (double)(WIDTH - 2 * MARGIN) / root->cycles : 0;
	fprintf(file,
		"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" "
		"font-family=\"monospace\" font-size=\"11\">\n"
		"<style>g.f { cursor: pointer; } g.f:hover rect { stroke: black; }</style>\n"
		"<rect id=\"back\" width=\"100%%\" height=\"100%%\" fill=\"#fffaf0\"/>\n"
		"<text x=\"%d\" y=\"%d\">%llu cycles in instrumented functions; a click widens "
		"one, "
		"beside them shows all</text>\n",
		WIDTH, picture.height, MARGIN, ROW, (unsigned long long)root->cycles);
	draw(&picture, root, MARGIN, 0);
	fprintf(file, "%s</svg>\n", script);
}
