/*
 * nothing: a C program that does nothing, for the spawn benchmark: start-up and exit of the C
 * library.
 */
int main(void)
{
	return 0;
}
