"""Tests of numtui/reports/allocation."""
