"""The sample company's other bills: Azure, Google Cloud, Oracle Cloud, its cluster and its data centre."""
