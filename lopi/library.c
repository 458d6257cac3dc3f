/*
 * The runtime comes ready-made for each payload. Hooks of the user's are compiled into it by the C
 * compiler ($CC; or cc, or castle-cc), so that they are inlined (Section 5.3, step 3).
 */
#include "library.h"
#include "memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

const char *library_tag(const struct options *options)
{
	if (options->hooks)
		return "lopi_library_of_payload_hooks";
	return memory_print("lopi_%s_of_payload_%s", options->shared ? "module" : "library",
			    options->payload->name);
}

static void copy_file(const char *from, const char *to)
{
	FILE *in = fopen(from, "re"), *out;
	char buffer[65536];
	size_t size;
	bool good = true;

	if (!in)
		die(STATUS_FAILED, "%s: %m; --runtime says where lopi's libraries are", from);
	out = fopen(to, "we");
	if (!out)
		die(STATUS_FAILED, "%s: %m", to);
	while ((size = fread(buffer, 1, sizeof(buffer), in)) > 0)
		good = fwrite(buffer, 1, size, out) == size && good;
	good = !ferror(in) && good;
	fclose(in);
	if (fclose(out) != 0 || !good)
		die(STATUS_FAILED, "%s: cannot be written", to);
}

static void run(const char *const *command)
{
	int status;
	pid_t child = fork();

	if (child == 0) {
		execvp(command[0], (char *const *)command);
		die(127, "%s: %m", command[0]);
	}
	if (child < 0 || waitpid(child, &status, 0) < 0)
		die(STATUS_FAILED, "cannot run %s: %m", command[0]);
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		die(STATUS_FAILED, "%s failed", command[0]);
}

static const char *compiler(const struct options *options)
{
	const char *wanted = getenv("CC");

	if (wanted && *wanted)
		return wanted;
	return options->castle ? "castle-cc" : "cc";
}

/* Compiles one of the runtime's files with the user's hooks, and adds it to the library. */
static void compile_hooks(const struct options *options, const char *hooks, const char *name,
			  const char *library)
{
	char *object = memory_print("%s.%s.o", library, name);

	run((const char *const[]){
		compiler(options), options->wide ? "-m64" : "-m32", "-std=gnu17", "-O2",
		options->castle ? "-fno-pie" : "-fPIE", "-ftls-model=local-exec",
		"-fcf-protection=none", "-fno-stack-protector", "-mgeneral-regs-only",
		"-fvisibility=hidden", "-DLOPI_PAYLOAD=hooks",
		memory_print("-DLOPI_HOOKS=\"%s\"", hooks),
		memory_print("-I%s", options_runtime(options)), "-c",
		memory_print("%s/%s.c", options_runtime(options), name), "-o", object, NULL });
	run((const char *const[]){ "ar", "rcsD", library, object, NULL });
	unlink(object);
}

static void make_library(const struct options *options, const char *library)
{
	char *hooks = realpath(options->hooks, NULL);

	if (!hooks)
		die(STATUS_FAILED, "%s: %m", options->hooks);
	copy_file(memory_print("%s/liblopi-core.a", options_runtime(options)), library);
	compile_hooks(options, hooks, "events", library);
	compile_hooks(options, hooks, "frames", library);
}

const char *library_ready_made(const struct options *options)
{
	return memory_print("%s/liblopi-%s.a", options_runtime(options), options->payload->name);
}

const char *library_shared(const struct options *options)
{
	return memory_print("%s/%s/liblopi.so", options_runtime(options), options->payload->name);
}

void library_make(const struct options *options, const char *path)
{
	if (options->hooks)
		make_library(options, path);
	else
		copy_file(library_ready_made(options), path);
}

void library_write(const struct options *options)
{
	const char *directory = options->directory ? options->directory : ".";

	if (options->kernel || options->no_library)
		return;
	library_make(options, memory_print("%s/liblopi.a", directory));
	if (options->shared)
		copy_file(library_shared(options), memory_print("%s/liblopi.so", directory));
}
