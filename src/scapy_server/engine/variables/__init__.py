"""The variables of a program, each in closed form.

Nouns: a **run** of a variable is one packet that moves it on; a **sequence** gives its
values as a function of the run (`sequences`: counting and lists, `draws`: random numbers,
`overflow`: counting where the engine's arithmetic overflows); **turns** say after how many
runs or packets a sequence repeats. `tuples` are addresses and ports that move together.

`variable_set` makes the variables of one data-plane core from the program, `blocks` reads
them in consecutive packets, `turns` follows chains of them. `core` renders with them and
`variation` counts with them. RefusedError is raised only for a path that is too irregular
to be followed as far as is asked.
"""
