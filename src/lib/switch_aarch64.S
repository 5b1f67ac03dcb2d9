/*
 * switch_aarch64.S - pen__switch and pen__switch_make for AAPCS64.
 *
 * Frame of a context at rest, from its stack pointer up: d8..d15, x19..x28, x29, x30.
 */
	.text

	.globl pen__switch
	.hidden pen__switch
	.type pen__switch, %function
	.p2align 4
pen__switch:
	.cfi_startproc
	sub sp, sp, #160
	stp d8, d9, [sp, #0]
	stp d10, d11, [sp, #16]
	stp d12, d13, [sp, #32]
	stp d14, d15, [sp, #48]
	stp x19, x20, [sp, #64]
	stp x21, x22, [sp, #80]
	stp x23, x24, [sp, #96]
	stp x25, x26, [sp, #112]
	stp x27, x28, [sp, #128]
	stp x29, x30, [sp, #144]
	mov x9, sp
	str x9, [x0]
	mov sp, x1
	ldp d8, d9, [sp, #0]
	ldp d10, d11, [sp, #16]
	ldp d12, d13, [sp, #32]
	ldp d14, d15, [sp, #48]
	ldp x19, x20, [sp, #64]
	ldp x21, x22, [sp, #80]
	ldp x23, x24, [sp, #96]
	ldp x25, x26, [sp, #112]
	ldp x27, x28, [sp, #128]
	ldp x29, x30, [sp, #144]
	add sp, sp, #160
	ret
	.cfi_endproc
	.size pen__switch, .-pen__switch

	.type entry_thunk, %function
	.p2align 4
entry_thunk:
	.cfi_startproc
	.cfi_undefined x30
	mov x29, xzr
	blr x19
	brk #1
	.cfi_endproc
	.size entry_thunk, .-entry_thunk

	/* void *pen__switch_make(void *base, void *top, void (*entry)(void)) */
	.globl pen__switch_make
	.hidden pen__switch_make
	.type pen__switch_make, %function
	.p2align 4
pen__switch_make:
	.cfi_startproc
	and x1, x1, #-16
	sub x0, x1, #160
	stp xzr, xzr, [x0, #0]
	stp xzr, xzr, [x0, #16]
	stp xzr, xzr, [x0, #32]
	stp xzr, xzr, [x0, #48]
	stp x2, xzr, [x0, #64]
	stp xzr, xzr, [x0, #80]
	stp xzr, xzr, [x0, #96]
	stp xzr, xzr, [x0, #112]
	stp xzr, xzr, [x0, #128]
	adr x9, entry_thunk
	stp xzr, x9, [x0, #144]
	ret
	.cfi_endproc
	.size pen__switch_make, .-pen__switch_make

	.section .note.GNU-stack, "", %progbits
