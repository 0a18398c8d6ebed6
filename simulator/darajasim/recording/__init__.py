"""Recording what an application and a Daraja say to each other, and replaying it as a scenario."""
