/*
 * The flame graph as SVG: one rectangle and one text a context, with the figures as a tooltip.
 */
#include "flame.h"

#include <string.h>

enum {
	WIDTH = 1200,
	ROW = 18,
	MARGIN = 10,
	LETTER = 7,      /* the width of a letter, about */
	LEAST_WIDTH = 1, /* narrower boxes are left out */
};

struct picture {
	FILE *file;
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

static void draw_box(const struct picture *picture, const struct stack *stack, double left,
		     int level)
{
	double width = stack->cycles * picture->scale;
	int top = picture->height - MARGIN - (level + 1) * ROW;
	int letters = (int)(width - 6) / LETTER;

	fprintf(picture->file, "<g><title>");
	print_escaped(picture->file, stack->name, (int)strlen(stack->name));
	fprintf(picture->file, ": %llu calls, %llu cycles, %.1f %%</title>",
		(unsigned long long)stack->calls, (unsigned long long)stack->cycles,
		picture->total ? 100.0 * stack->cycles / picture->total : 0);
	fprintf(picture->file,
		"<rect x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\" fill=\"#%06x\"/>", left,
		top, width, ROW - 1, colour_of(stack->name));
	if (letters >= 3) {
		fprintf(picture->file, "<text x=\"%.1f\" y=\"%d\">", left + 3, top + 13);
		print_escaped(picture->file, stack->name, letters);
		fprintf(picture->file, "</text>");
	}
	fprintf(picture->file, "</g>\n");
}

static void draw(const struct picture *picture, const struct stack *stack, double left, int level)
{
	for (const struct stack *one = stack->callees; one; one = one->next) {
		double width = one->cycles * picture->scale;

		if (width >= LEAST_WIDTH) {
			draw_box(picture, one, left, level);
			draw(picture, one, left, level + 1);
		}
		left += width;
	}
}

void flame_write(FILE *file, const struct stack *root)
{
	struct picture picture = { .file = file, .total = root->cycles };

	picture.height = depth_of(root) * ROW + 2 * MARGIN + ROW;
	picture.scale = root->cycles ? (double)(WIDTH - 2 * MARGIN) / root->cycles : 0;
	fprintf(file,
		"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" "
		"font-family=\"monospace\" font-size=\"11\">\n"
		"<rect width=\"100%%\" height=\"100%%\" fill=\"#fffaf0\"/>\n"
		"<text x=\"%d\" y=\"%d\">%llu cycles in instrumented functions</text>\n",
		WIDTH, picture.height, MARGIN, ROW, (unsigned long long)root->cycles);
	draw(&picture, root, MARGIN, 0);
	fprintf(file, "</svg>\n");
}
