/*
 * What the stubs of all strategies share.
 */
#include "stub.h"

void stub_move_entry(struct code *code, const struct plan *plan)
{
	const struct site *site = &plan->entry;
	const struct instruction *last = &site->piece->code[site->first + site->count - 1];
	size_t index = 0;

	code_frame_start(code, code->word);
	while (index < site->count)
		index += code_move(code, site->piece, &site->piece->code[site->first + index],
				   site->count - index, true);
	if (!instruction_ends_block(last))
		code_jump(code, &(struct place){ site->piece->section, site->end, 0 });
	code_frame_end(code);
}
