/*
 * printf's conversions, as many as the kernel needs. 64-bit numbers are converted without division
 * by the compiler's library, which the kernel does not link.
 */
#include "kernel/lib/print.h"

#include <stdbool.h>
#include <stdint.h>
#include "kernel/lib/string.h"

#define DIGITS_MAX 20 /* of 2^64 in base 10 */

/* Where output goes; counts what does not fit. */
struct output {
	char *buffer;
	size_t size;
	size_t length;
};

struct conversion {
	bool left, zero, wide;
	unsigned width;
};

static void put(struct output *output, char c)
{
	if (output->length + 1 < output->size)
		output->buffer[output->length] = c;
	output->length++;
}

static void put_repeated(struct output *output, char c, unsigned count)
{
	while (count-- > 0)
		put(output, c);
}

/* Text with an optional sign, padded to the conversion's width. */
static void put_padded(struct output *output, const struct conversion *conversion, const char *sign,
		       const char *text, unsigned length)
{
	const unsigned used = length + strlen(sign);
	const unsigned padding = conversion->width > used ? conversion->width - used : 0;

	if (!conversion->left && !conversion->zero)
		put_repeated(output, ' ', padding);
	while (*sign)
		put(output, *sign++);
	if (!conversion->left && conversion->zero)
		put_repeated(output, '0', padding);
	for (unsigned i = 0; i < length; i++)
		put(output, text[i]);
	if (conversion->left)
		put_repeated(output, ' ', padding);
}

/* Divides by 10 in place, 16 bits at a time as on paper; the remainder. */
static unsigned divide_by_10(uint64_t *number)
{
	uint32_t remainder = 0;
	uint64_t quotient = 0;

	for (int shift = 48; shift >= 0; shift -= 16) {
		const uint32_t part = remainder << 16 | (uint32_t)(*number >> shift & 0xffff);
		quotient |= (uint64_t)(part / 10) << shift;
		remainder = part % 10;
	}
	*number = quotient;
	return remainder;
}

static unsigned next_digit(uint64_t *number, bool hexadecimal)
{
	unsigned digit;

	if (!hexadecimal)
		return divide_by_10(number);
	digit = *number & 15;
	*number >>= 4;
	return digit;
}

static void put_number(struct output *output, const struct conversion *conversion, const char *sign,
		       uint64_t number, bool hexadecimal)
{
	char digits[DIGITS_MAX];
	unsigned count = 0;

	do
		digits[DIGITS_MAX - ++count] = "0123456789abcdef"[next_digit(&number, hexadecimal)];
	while (number);
	put_padded(output, conversion, sign, &digits[DIGITS_MAX - count], count);
}

static void put_signed(struct output *output, const struct conversion *conversion, int64_t number)
{
	if (number < 0)
		put_number(output, conversion, "-", -(uint64_t)number, false);
	else
		put_number(output, conversion, "", number, false);
}

static const char *parse_flags(const char *format, struct conversion *conversion)
{
	for (;; format++) {
		if (*format == '-')
			conversion->left = true;
		else if (*format == '0')
			conversion->zero = true;
		else
			return format;
	}
}

/* Reads flags, width and length after a `%`; returns where the conversion's letter is. */
static const char *parse_conversion(const char *format, struct conversion *conversion)
{
	unsigned longs = 0;

	*conversion = (struct conversion){ 0 };
	format = parse_flags(format, conversion);
	for (; *format >= '0' && *format <= '9'; format++)
		conversion->width = conversion->width * 10 + (*format - '0');
	for (; *format == 'l' || *format == 'z'; format++)
		longs += *format == 'l' ? 1 : sizeof(size_t) / 4 - 1;
	conversion->wide = longs > 1 || (longs == 1 && sizeof(long) == 8);
	return format;
}

static void put_string(struct output *output, const struct conversion *conversion, const char *text)
{
	if (!text)
		text = "(null)";
	put_padded(output, conversion, "", text, strlen(text));
}

static void put_unsigned(struct output *output, const struct conversion *conversion,
			 bool hexadecimal, va_list *arguments)
{
	const uint64_t number =
		conversion->wide ? va_arg(*arguments, uint64_t) : va_arg(*arguments, unsigned);
	put_number(output, conversion, "", number, hexadecimal);
}

static void put_conversion(struct output *output, const struct conversion *conversion, char letter,
			   va_list *arguments)
{
	switch (letter) {
	case 'd':
	case 'i':
		put_signed(output, conversion,
			   conversion->wide ? va_arg(*arguments, int64_t)
					    : va_arg(*arguments, int));
		break;
	case 'u':
	case 'x':
		put_unsigned(output, conversion, letter == 'x', arguments);
		break;
	case 'p':
		put_number(output, conversion, "0x", (uintptr_t)va_arg(*arguments, void *), true);
		break;
	case 's':
		put_string(output, conversion, va_arg(*arguments, const char *));
		break;
	case 'c':
		put(output, va_arg(*arguments, int));
		break;
	default: /* `%%`, and mistakes, which the compiler finds */
		put(output, letter);
	}
}

int kvsnprintf(char *buffer, size_t size, const char *format, va_list arguments)
{
	struct output output = { .buffer = buffer, .size = size };
	struct conversion conversion;
	va_list list;

	va_copy(list, arguments);
	for (; *format; format++) {
		if (*format != '%') {
			put(&output, *format);
			continue;
		}
		format = parse_conversion(format + 1, &conversion);
		if (!*format)
			break;
		put_conversion(&output, &conversion, *format, &list);
	}
	va_end(list);
	if (size > 0)
		buffer[output.length < size ? output.length : size - 1] = '\0';
	return output.length;
}

int ksnprintf(char *buffer, size_t size, const char *format, ...)
{
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = kvsnprintf(buffer, size, format, arguments);
	va_end(arguments);
	return length;
}
