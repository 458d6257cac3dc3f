/*
 * Characters of several bytes: UTF-8 as the locale's, and from one character set to another.
 */
#define _GNU_SOURCE
#include "common/tap.h"

#include <errno.h>
#include <iconv.h>
#include <langinfo.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>
#include <wctype.h>

/* Of one, two, three and four bytes: a, a with ring, the euro, a musical sign. */
static const char text[] = "a\xc3\xa5\xe2\x82\xac\xf0\x9d\x84\x9e";
static const wchar_t wide[] = { 'a', 0xe5, 0x20ac, 0x1d11e, 0 };

static void test_c(void)
{
	ok_is(MB_CUR_MAX, 1, "a program starts with characters of one byte");
	ok(strcmp(setlocale(LC_ALL, NULL), "C") == 0, "in the \"C\" locale");
	ok(setlocale(LC_ALL, "nowhere") == NULL, "a locale there is not");
}

static void test_utf8(void)
{
	wchar_t out[8] = { 0 };
	char back[16] = { 0 };
	mbstate_t state = { 0 };
	wchar_t one;
	const char *in = text;
	const wchar_t *from = wide;

	ok(setlocale(LC_ALL, "C.UTF-8") != NULL, "C.UTF-8");
	ok(MB_CUR_MAX >= 4, "up to so many bytes: %d", (int)MB_CUR_MAX);
	ok(strcmp(nl_langinfo(CODESET), "UTF-8") == 0, "nl_langinfo() says so");
	ok_is(mbstowcs(out, text, 8), 4, "four characters");
	ok(wmemcmp(out, wide, 4) == 0, "the right ones");
	ok_is(wcstombs(back, wide, sizeof back), strlen(text), "and back");
	ok(strcmp(back, text) == 0, "the same bytes");
	memset(out, 0, sizeof out);
	ok_is(mbsrtowcs(out, &in, 8, &state), 4, "mbsrtowcs");
	ok_is(wcsrtombs(back, &from, sizeof back, &state), strlen(text), "wcsrtombs");
	ok_is(mbrtowc(&one, "\xe2", 1, &state), -2, "a part of one");
	ok_is(mbrtowc(&one, "\x82\xac", 2, &state), 2, "and its end");
	ok_is(one, 0x20ac, "is the euro");
	errno = 0;
	memset(&state, 0, sizeof state);
	ok_errno(mbrtowc(&one, "\xff", 1, &state), EILSEQ, "what is none");
	memset(&state, 0, sizeof state);
	ok_errno(mbrtowc(&one, "\xc0\xaf", 2, &state), EILSEQ, "one that is too long");
	ok_is(mblen(text + 1, 8), 2, "mblen");
	ok_is(btowc(0xe5), WEOF, "half a character is none");
}

static void test_classes(void)
{
	ok(iswalpha(0xe5) && iswlower(0xe5) && !iswupper(0xe5), "letters beyond ASCII");
	ok_is(towupper(0xe5), 0xc5, "have capitals");
	ok_is(towlower(0x416), 0x436, "Cyrillic ones, too");
	ok(!iswalpha(0x20ac) && iswprint(0x20ac), "the euro is no letter");
	ok_is(wcwidth(0x4e00), 2, "some are wide");
	ok_is(wcwidth(0x301), 0, "some take no room");
	ok_is(wcswidth(wide, 3), 3, "a row of them");
}

static void test_streams(void)
{
	char line[128];
	wchar_t word[8];
	FILE *file = fopen("/tmp/characters", "w+");

	ok_is(fwprintf(file, L"%ls|%lc|%s\n", wide, (wint_t)0xe5, "\xc3\xa4"), 9, "fwprintf");
	rewind(file);
	fclose(file);
	file = fopen("/tmp/characters", "r");
	fgets(line, sizeof line, file);
	ok(strcmp(line, "a\xc3\xa5\xe2\x82\xac\xf0\x9d\x84\x9e|\xc3\xa5|\xc3\xa4\n") == 0,
	   "its bytes");
	fclose(file);
	file = fopen("/tmp/characters", "r");
	ok_is(fgetwc(file), 'a', "fgetwc");
	ok_is(fgetwc(file), 0xe5, "of two bytes");
	ungetwc(0xe5, file);
	ok(fgetws(word, 4, file) && word[0] == 0xe5 && word[1] == 0x20ac, "fgetws");
	fclose(file);
	snprintf(line, sizeof line, "%ls", wide);
	ok(strcmp(line, text) == 0, "%%ls");
	ok_is(swscanf(L"\xe5 12", L"%ls %d", word, &(int){ 0 }), 2, "swscanf");
}

/* Converts the whole text; the bytes that come out, -1 for an error. */
static int convert(const char *to, const char *from, const char *in, size_t size, char *out)
{
	const iconv_t conversion = iconv_open(to, from);
	char *begin = (char *)in, *end = out;
	size_t left = size, room = 64, result;

	if (conversion == (iconv_t)-1)
		return -1;
	result = iconv(conversion, &begin, &left, &end, &room);
	iconv_close(conversion);
	return result == (size_t)-1 ? -1 : (int)(64 - room);
}

static void test_iconv(void)
{
	char out[64];

	ok_is(convert("UTF-8", "ISO-8859-1", "\xe5\xe4\xf6", 3, out), 6, "from Latin 1");
	ok(memcmp(out, "\xc3\xa5\xc3\xa4\xc3\xb6", 6) == 0, "two bytes each");
	ok_is(convert("ISO-8859-15", "UTF-8", "\xe2\x82\xac", 3, out), 1, "to Latin 9");
	ok_is((unsigned char)out[0], 0xa4, "which has the euro");
	ok_is(convert("UTF-16BE", "UTF-8", text, strlen(text), out), 10, "to UTF-16");
	ok(memcmp(out, "\0a\0\xe5\x20\xac\xd8\x34\xdd\x1e", 10) == 0, "with two for the last");
	ok_is(convert("UTF-8", "KOI8-R", "\xcd\xc9\xd2", 3, out), 6, "from KOI8-R");
	ok(memcmp(out, "\xd0\xbc\xd0\xb8\xd1\x80", 6) == 0, "peace");
	ok_is(convert("UTF-8", "CP1252", "\x80", 1, out), 3, "from CP1252");
	ok_is(convert("UTF-16BE", "UTF-8", "\xff", 1, out), -1, "what is no character");
	ok_is(errno, EILSEQ, "is told so");
	ok_is(convert("UTF-8", "UTF-16BE", "\0", 1, out), -1, "half of one");
	ok_is(errno, EINVAL, "is told otherwise");
	ok(iconv_open("UTF-8", "nothing") == (iconv_t)-1 && errno == EINVAL, "a set there is not");
}

int main(void)
{
	test_c();
	test_utf8();
	test_classes();
	test_streams();
	test_iconv();
	return done_testing();
}
