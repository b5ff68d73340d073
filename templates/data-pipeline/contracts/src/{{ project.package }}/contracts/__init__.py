"""Data contracts: what is promised about the tables, to whom, and whether it is kept.

The files are of the Open Data Contract Standard (ODCS) 3.1, so every tool that knows it reads them.
`document` reads them, `compatibility` compares a contract with what was released before, `judge`
compares it with columns and rows.
"""
