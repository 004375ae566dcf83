"""The values that travel between the stages: frozen, without behaviour of their own.

`policy` is the tree that every output is made from, `words` its canonical form, `facts` what the
workspace's YAML files say, `problem` what is wrong with it, `dating` when a policy last changed.
"""
