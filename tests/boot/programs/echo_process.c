/*
 * A dynamic process (Section 3.2.1): created by the first message to it, it answers in capitals,
 * and ends.
 */
#include <castle/castle.h>

int main(void)
{
	struct castle_message message;

	if (castle_receive(&message, 0) != 0)
		return 1;
	for (unsigned i = 0; i < message.size; i++)
		if (message.data[i] >= 'a' && message.data[i] <= 'z')
			message.data[i] -= 'a' - 'A';
	message.to = message.from;
	return castle_send(&message) < 0;
}
