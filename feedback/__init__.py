"""Notices from findings, the working-day clock, delivery, answers, closing."""
