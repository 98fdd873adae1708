// The module has a program, so its own go line decides.
package main

func main() {}
