"""Pictures of posteriors: samples of one run or several."""
