"""A folder of texts in, shards of pages out, on one machine or many: the renderer as a step of a datatrove pipeline.

    inputs -> looks, drawing -> steps (datatrove) -> tar_shards, parquet_shards, ledger;  job and executors around them

`page_map` is the same for Hugging Face's `map`. Running, dealing out and completion marks are datatrove's; what is ours is
that a shard is there whole or not at all, that a task gives the same bytes each time, and that a job which was stopped goes
on only with the very settings and texts it was begun with. Knows nothing of trainers.
"""
