# Prints "LENGTH FILE:LINE" for each function of the C files given, from its first line to its closing brace.
# It leans on the house format: a function's braces, and only a function's, stand alone in the first column.
FNR == 1 { head = 0 }
/^\{$/ { start = head ? head : FNR; inside = 1; next }
/^\}$/ && inside { print FNR - start + 1, FILENAME ":" start; inside = 0; head = 0; next }
inside { next }
# The head of the function to come: the first line after something that is finished.
/^$/ || /^#/ || /[;}]$/ || /\*\/$/ { head = 0; next }
/^[a-zA-Z_]/ && !head { head = FNR }
