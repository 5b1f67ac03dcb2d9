/*
 * switch_x86_64.S - pen__switch and pen__switch_make for the System V ABI of x86-64.
 *
 * Frame of a context at rest, from its stack pointer up: mxcsr and x87 control word (8 bytes), r15, r14, r13, r12, rbx, rbp,
 * return address.
 */
	.text

	.globl pen__switch
	.hidden pen__switch
	.type pen__switch, @function
	.p2align 4
pen__switch:
	.cfi_startproc
	endbr64
	pushq %rbp
	pushq %rbx
	pushq %r12
	pushq %r13
	pushq %r14
	pushq %r15
	subq $8, %rsp
	stmxcsr (%rsp)
	fnstcw 4(%rsp)
	movq %rsp, (%rdi)
	movq %rsi, %rsp
	ldmxcsr (%rsp)
	fldcw 4(%rsp)
	addq $8, %rsp
	popq %r15
	popq %r14
	popq %r13
	popq %r12
	popq %rbx
	popq %rbp
	ret
	.cfi_endproc
	.size pen__switch, .-pen__switch

	/* The first thing a fresh context runs: rbx holds the entry function.  The zero rbp and the undefined
	 * return address end every backtrace here. */
	.type entry_thunk, @function
	.p2align 4
entry_thunk:
	.cfi_startproc
	.cfi_undefined rip
	endbr64
	xorl %ebp, %ebp
	call *%rbx
	ud2
	.cfi_endproc
	.size entry_thunk, .-entry_thunk

	/* void *pen__switch_make(void *base, void *top, void (*entry)(void)) */
	.globl pen__switch_make
	.hidden pen__switch_make
	.type pen__switch_make, @function
	.p2align 4
pen__switch_make:
	.cfi_startproc
	endbr64
	andq $-16, %rsi
	leaq -64(%rsi), %rax
	stmxcsr (%rax)
	fnstcw 4(%rax)
	movq $0, 8(%rax)
	movq $0, 16(%rax)
	movq $0, 24(%rax)
	movq $0, 32(%rax)
	movq %rdx, 40(%rax)
	movq $0, 48(%rax)
	leaq entry_thunk(%rip), %rcx
	movq %rcx, 56(%rax)
	ret
	.cfi_endproc
	.size pen__switch_make, .-pen__switch_make

	.section .note.GNU-stack, "", @progbits
