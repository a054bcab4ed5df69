# the programs
