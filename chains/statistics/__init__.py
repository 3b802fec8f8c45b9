"""What samples and scans say: convergence, regions, modes, profiles."""
