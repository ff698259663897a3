"""The page: what will be paid, by whom, and why, for people; and the small open interface that feeds it. Nothing is kept of what is asked."""
