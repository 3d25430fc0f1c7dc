"""Route a table of orders on a cluster.

    spark-submit --master yarn --num-executors 50 --executor-cores 4 \\
        --conf spark.sql.execution.arrow.maxRecordsPerBatch=4096 \\
        examples/spark_submit.py hdfs:///orders 诉求内容 hdfs:///routed

Every executor needs Python 3.11, `pip install 'zhuban[spark]'` and Java 17;
the pack travels with the job.
"""

import sys

from pyspark.sql import SparkSession

from zhuban.spark import route_df


def main(source: str, text_column: str, target: str) -> None:
    """Read parquet, add the verdicts, write parquet."""
    spark = SparkSession.builder.appName("zhuban").getOrCreate()
    orders = spark.read.parquet(source)
    route_df(orders, text_column).write.parquet(target)
    spark.read.parquet(target).groupBy("verdict").count().show()


if __name__ == "__main__":
    main(*sys.argv[1:4])
